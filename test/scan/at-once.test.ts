import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { Database, Row } from '../../src/db/database.ts'
import { writeSingle } from '../../src/lake/write-single.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import type { ScanEvent } from '../../src/run/scan.ts'
import { eachEngine, freshDatabase, longest, testEngines } from '../setup/test-database.ts'
import { anotherDay } from './another-day.ts'
import { documentsOf } from './documents.ts'
import { accounts, careless, good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { briskly, type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf } from './posture.ts'
import { type Copy, type ScannedStore, scannedStore } from './scanned-store.ts'

describe.each(testEngines())('two accounts on %s', (engine) => {
  let store: ScannedStore
  beforeAll(async () => {
    store = await scannedStore(engine)
  }, longest)
  afterAll(() => store?.stop())

  it('with the same names are what each of them is alone', { timeout: longest }, async () => {
    const { estate } = store
    // All that is compared is read before: on Citus each fresh store takes the last one away.
    const copy = await store.copy()
    const { clean } = copy
    const together = await documentsOf(copy.stance.db)
    const rows = await rowsOf(copy.stance)
    await copy.drop()
    for (const account of accounts) {
      const alone = await freshDatabase(engine)
      try {
        const own = await estate.open(alone.db)
        await estate.scan(own, { narrowing: { accounts: [account] } })
        const documents = await documentsOf(alone.db)
        const mine = together.filter((one) => one.account_id === account)
        expect(mine.length).toBeGreaterThan(50)
        expect(documents.filter((one) => one.account_id === account)).toEqual(mine)
        expect(JSON.stringify(mine)).not.toContain(account === good ? careless : good)
        // What is derived, too: a join that forgets the account would show here.
        const ownRows = await rowsOf(own)
        for (const [table, all] of rows)
          expect(ofAccount(ownRows.get(table)!, account), table).toEqual(ofAccount(all, account))
        const here = ofOne(await postureOf(alone.db), account)
        expect(here.size).toBeGreaterThan(100)
        expect(differences(ofOne(clean, account), here, false)).toEqual([])
      } finally {
        await alone.drop()
      }
    }
    // The names are the same indeed.
    const named = (account: string) =>
      new Set(
        together
          .filter((one) => one.account_id === account)
          .map(({ table_name, name }) => `${table_name} ${name}`),
      )
    expect([...named(good)].filter((one) => named(careless).has(one)).length).toBeGreaterThan(30)
  })
})

describe.each(testEngines())('at once on %s', (engine) => {
  let store: ScannedStore
  let estate: Estate
  let copy: Copy
  let stance: Stance
  let clean: Posture
  beforeAll(async () => {
    store = await scannedStore(engine)
    estate = store.estate
    copy = await store.copy()
    stance = copy.stance
    clean = copy.clean
  }, longest)
  afterAll(async () => {
    await copy?.drop()
    await store?.stop()
  })

  it('two scans of one store do not read a cell together, and both end', { timeout: longest }, async () => {
    const reading = new Map<string, number>()
    const together: string[] = []
    const busy: string[] = []
    const watch = (event: ScanEvent) => {
      if (event.kind === 'cell_busy') busy.push(event.cell.table)
      if (event.kind !== 'cell_started' && event.kind !== 'cell_ended') return
      const { account_id, table, part } = event.cell
      const cell = `${account_id} ${table} ${part}`
      const now = (reading.get(cell) ?? 0) + (event.kind === 'cell_started' ? 1 : -1)
      reading.set(cell, now)
      if (now > 1) together.push(cell)
    }
    // Another process has another connection; the embedded store belongs to one process.
    const other = engine === 'duckdb' ? stance : await estate.open(await copy.database.open())
    const records = await Promise.all([
      estate.scan(stance, { report: watch }),
      estate.scan(other, { report: watch }),
    ])
    expect(records.map(({ state }) => state)).toEqual(['done', 'done'])
    expect(together).toEqual([])
    expect(busy).toEqual([])
    expect([...reading.values()].every((count) => count === 0)).toBe(true)
    expect(differences(clean, await postureOf(stance.db))).toEqual([])
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('what an event brings between a listing and its end stays', { timeout: longest }, async () => {
    const cell = { account_id: good, table: 'aws_vpc', part: 'eu-west-1' }
    const [row] = await stance.db.query<{ resource_key: string; native_id: string; content: string }>(
      `select resource_key, native_id, content from stance.resource
       where account_id = $1 and table_name = $2 and part = $3 and name = 'shop'`,
      [cell.account_id, cell.table, cell.part],
    )
    const listed = row!
    const native_id = 'vpc-0123456789abcdef0'
    const fresh = listed.resource_key.replace(listed.native_id, native_id)
    const list = (JSON.parse(listed.content) as { list: object }).list
    let hasBegun = () => {}
    const began = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const scanning = estate.scan(stance, {
      narrowing: { accounts: [cell.account_id], tables: [cell.table], regions: [cell.part] },
      faults: 'ec2:DescribeVpcs=slow(700ms)',
      report: (event) => {
        if (event.kind === 'cell_started') hasBegun()
      },
    })
    await began
    await sleep(300)
    const options = { clock: estate.clock, partition: 'aws', derive: stance.derive }
    const resource = {
      ...{ resource_key: fresh, native_id, name: 'fresh', region: 'eu-west-1', owner_account_id: good },
      ...{ incarnation: '', tags: {} },
      groups: {
        list: { state: 'ok' as const, content: { ...list, VpcId: native_id }, read_at: estate.clock.now() },
      },
    }
    await writeSingle(stance.db, stance.catalogue, cell, { resource }, options)
    const gone = { resource_key: listed.resource_key }
    await writeSingle(stance.db, stance.catalogue, cell, { gone, read_at: estate.clock.now() }, options)
    expect((await scanning).state).toBe('done')
    const keys = await keysOf(stance.db, cell)
    expect(keys, 'made after the listing began').toContain(fresh)
    expect(keys, 'gone after the listing began').not.toContain(listed.resource_key)
    expect(await lakeProblems(stance)).toEqual([])
    // The next listing knows better than both.
    await estate.scan(stance)
    const next = await keysOf(stance.db, cell)
    expect(next).not.toContain(fresh)
    expect(next).toContain(listed.resource_key)
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
  })

  it('what an event brings within a new parent, after the parents were listed, stays', {
    timeout: longest,
  }, async () => {
    const [parents, children] = ['aws_lb', 'aws_lb_listener'].map((table) => {
      return { account_id: good, table, part: 'eu-west-1' }
    })
    // Seven cells take their time, so that one worker is left: parents here, parents there, and then what is in them.
    const slow = [
      'ec2:DescribeVolumes',
      'ec2:DescribeFlowLogs',
      'ec2:DescribeInstances',
      'iam:GetAccountPasswordPolicy',
    ]
    const tables = ['aws_ebs_volume', 'aws_flow_log', 'aws_instance', 'aws_iam_account_password_policy']
    const order: string[] = []
    let born = Promise.resolve(['', ''])
    const bear = async () => {
      order.push('event')
      const read_at = estate.clock.now()
      const parent = await bornLike(parents!, read_at)
      const child = await bornLike(children!, read_at, parent)
      order.push('written')
      return [parent, child]
    }
    const record = await estate.scan(
      { ...stance, db: after(() => born) },
      {
        narrowing: { accounts: [good], tables: [...tables, parents!.table, children!.table] },
        faults: [
          ...slow.map((one) => `${one}=slow(6s)`),
          'elasticloadbalancing:DescribeLoadBalancers@us-east-1=slow(3s)',
        ].join(','),
        report(event) {
          if (event.kind !== 'cell_started' && event.kind !== 'cell_ended') return
          const { table, part } = event.cell
          if (part !== parents!.part) return
          if (table === parents!.table && event.kind === 'cell_ended') born = bear()
          if (table === children!.table) order.push(event.kind)
        },
      },
    )
    const [parent, child] = await born
    expect(record).toMatchObject({ state: 'done', cells: { planned: 11, read: 11 } })
    expect(order.indexOf('event'), order.join()).toBeLessThan(order.indexOf('cell_started'))
    expect(order.at(-1), order.join()).toBe('cell_ended')
    expect(await keysOf(stance.db, parents!)).toContain(parent)
    expect(await keysOf(stance.db, children!)).toContain(child)
    expect(await lakeProblems(stance)).toEqual([])
    await estate.scan(stance)
    expect(await keysOf(stance.db, children!)).not.toContain(child)
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
  })

  /** The store, in which cells are written after something else. */
  function after(other: () => Promise<unknown>): Database {
    const transaction: Database['transaction'] = async (work, options = {}) => {
      if (/^cell |cells of/.test(options.label ?? '')) await other()
      return stance.db.transaction(work, options)
    }
    return new Proxy(stance.db, {
      get(target, name) {
        if (name === 'transaction') return transaction
        const value = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  /** What an event finds: a resource like one that is there, with a name of its own. */
  async function bornLike(
    cell: { account_id: string; table: string; part: string },
    read_at: Date,
    parent_key = '',
  ): Promise<string> {
    const [like] = await stance.db.query<{ resource_key: string; native_id: string; content: string }>(
      `select resource_key, native_id, content from stance.resource
       where account_id = $1 and table_name = $2 and part = $3 order by resource_key nulls last limit 1`,
      [cell.account_id, cell.table, cell.part],
    )
    const resource_key = `${like!.resource_key}-fresh`
    const { list } = JSON.parse(like!.content) as { list: JsonObject }
    const resource = {
      ...{ resource_key, native_id: `${like!.native_id}-fresh`, name: 'fresh', region: cell.part },
      ...{ owner_account_id: good, incarnation: '', tags: {}, ...(parent_key === '' ? {} : { parent_key }) },
      groups: { list: { state: 'ok' as const, content: list, read_at } },
    }
    const options = { clock: estate.clock, partition: 'aws', derive: stance.derive }
    await writeSingle(stance.db, stance.catalogue, cell, { resource }, options)
    return resource_key
  }

  describe('narrowed scans', () => {
    let other: Estate
    beforeAll(async () => {
      other = await openEstate({ edit: anotherDay, clock: estate.clock })
    })
    afterAll(() => other.stop())

    it.each([
      { accounts: [careless] },
      { regions: ['us-east-1'] },
      { services: ['s3'] },
      { tables: ['aws_security_group'] },
      { rules: ['aws-iam-root-user-has-mfa'] },
    ])('%j leaves the rest as it was', { timeout: longest }, async (narrowing) => {
      const own = await store.copy()
      const { db } = own.stance
      try {
        const attempts = await attemptsOf(db)
        const read = new Set<string>()
        await other.scan(own.stance, {
          narrowing,
          report(event) {
            if (event.kind === 'cell_started') read.add(Object.values(event.cell).join(' '))
          },
        })
        expect(read.size).toBeGreaterThan(0)
        expect(read.size).toBeLessThan(attempts.size)
        for (const [cell, attempt] of await attemptsOf(db))
          if (!read.has(cell)) expect(attempt, cell).toEqual(attempts.get(cell))
        const changed = differences(own.clean, await postureOf(db), false)
        expect(changed).not.toEqual([])
        if ('accounts' in narrowing) expect(changed.filter((one) => one.startsWith(good))).toEqual([])
        expect(await lakeProblems(own.stance)).toEqual([])
      } finally {
        await own.drop()
      }
    })
  })
})

describe('a region that never answers', () => {
  eachEngine('in a first scan', (database) => {
    it('costs seconds, and the others are read', { timeout: longest }, async () => {
      const estate = await openEstate({ collect: { cell_time_budget: 3_000 } })
      try {
        const stance = await estate.open(database().db)
        const began = performance.now()
        const record = await estate.scan(stance, {
          faults: '*@us-east-1=silent',
          pace: { ...briskly, times: { call_ms: 400, first_ms: 250 } },
        })
        expect(performance.now() - began).toBeLessThan(60_000)
        expect(record.state).toBe('done')
        const states = await stance.db.query(
          `select part, state, count(*) as n from stance.cell
           where part in ('eu-west-1', 'us-east-1') group by part, state order by part nulls last, state nulls last`,
        )
        const n = expect.any(Number)
        // The planner itself lists the region; what it says of itself is unread.
        expect(states).toEqual([
          { part: 'eu-west-1', state: 'ok', n },
          { part: 'us-east-1', state: 'error', n },
          { part: 'us-east-1', state: 'ok', n: 2 },
        ])
        expect(await lakeProblems(stance)).toEqual([])
      } finally {
        await estate.stop()
      }
    })
  })
})

/** Every row of every table, facts and children too. */
async function rowsOf({ db, catalogue }: Stance): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>()
  for (const [name, shape] of catalogue.shapes) {
    const nr = shape.parent === undefined ? '' : ', _nr nulls last'
    const all = await db.query(
      `select * from lake.${name} order by account_id nulls last, resource_key nulls last${nr}`,
    )
    rows.set(name, all)
  }
  return rows
}

function ofAccount(rows: readonly Row[], account: string): Row[] {
  return rows.filter((row) => row.account_id === account)
}

function ofOne(posture: Posture, account: string): Posture {
  return new Map([...posture].filter(([, finding]) => finding.account_id === account))
}

async function keysOf(
  db: Database,
  cell: { account_id: string; table: string; part: string },
): Promise<string[]> {
  const rows = await db.query<{ resource_key: string }>(
    `select resource_key from lake.${cell.table} where account_id = $1 and _part = $2`,
    [cell.account_id, cell.part],
  )
  return rows.map(({ resource_key }) => resource_key)
}

async function attemptsOf(db: Database): Promise<Map<string, unknown>> {
  const rows = await db.query<{ cell: string }>(
    `select account_id || ' ' || table_name || ' ' || part as cell, state, in_force, attempted_at, ok_at, rows
     from stance.cell where part <> '*'`,
  )
  return new Map(rows.map(({ cell, ...rest }) => [cell, rest]))
}
