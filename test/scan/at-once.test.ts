import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { Database } from '../../src/db/database.ts'
import { writeSingle } from '../../src/lake/write-single.ts'
import type { ScanEvent } from '../../src/run/scan.ts'
import { longest } from '../setup/test-database.ts'
import { beforeTransactions, cellWrites } from './before-transactions.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { differences, postureOf } from './posture.ts'

eachScannedStore('at once', { copies: 'one for all' }, (scanned, engine) => {
  it('two scans of one store do not read a cell together, and both end', { timeout: longest }, async () => {
    const { estate, copy, stance, clean } = scanned()
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
    const { estate, stance, clean } = scanned()
    const cell = { account_id: good, table: 'aws_vpc', part: 'eu-west-1' }
    const narrowing = { accounts: [cell.account_id], tables: [cell.table], regions: [cell.part] }
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
      narrowing,
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
    // The next listing knows better than both; what is new in it is asked of a list that is as new.
    await estate.scan(stance, { narrowing: { ...narrowing, tables: [cell.table, 'aws_flow_log'] } })
    const next = await keysOf(stance.db, cell)
    expect(next).not.toContain(fresh)
    expect(next).toContain(listed.resource_key)
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
  })

  it('what an event brings within a new parent, after the parents were listed, stays', {
    timeout: longest,
  }, async () => {
    const { estate, stance, clean } = scanned()
    const [parents, children] = ['aws_lb', 'aws_lb_listener'].map((table) => {
      return { account_id: good, table, part: 'eu-west-1' }
    })
    // Seven cells take their time, so that one worker is left: parents here, parents there, and then what is in them.
    const slow = [
      'ec2:DescribeVolumes',
      'ec2:DescribeManagedPrefixLists',
      'ec2:DescribeFlowLogs',
      'iam:GetAccountPasswordPolicy',
    ]
    // The fact of load balancers takes in prefix lists, target groups and security groups.
    const tables = ['aws_ebs_volume', 'aws_flow_log', 'aws_iam_account_password_policy']
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
      { ...stance, db: beforeTransactions(stance.db, cellWrites, () => born) },
      {
        narrowing: { accounts: [good], tables: [...tables, parents!.table, children!.table] },
        faults: [
          ...slow.map((one) => `${one}=slow(3s)`),
          'elasticloadbalancing:DescribeLoadBalancers@us-east-1=slow(1500ms)',
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
    expect(record).toMatchObject({ state: 'done', cells: { planned: 15, read: 15 } })
    expect(order.indexOf('event'), order.join()).toBeLessThan(order.indexOf('cell_started'))
    expect(order.at(-1), order.join()).toBe('cell_ended')
    expect(await keysOf(stance.db, parents!)).toContain(parent)
    expect(await keysOf(stance.db, children!)).toContain(child)
    expect(await lakeProblems(stance)).toEqual([])
    await estate.scan(stance, {
      narrowing: { accounts: [good], tables: [parents!.table, children!.table] },
    })
    expect(await keysOf(stance.db, children!)).not.toContain(child)
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
  })

  /** What an event finds: a resource like one that is there, with a name of its own. */
  async function bornLike(
    cell: { account_id: string; table: string; part: string },
    read_at: Date,
    parent_key = '',
  ): Promise<string> {
    const { estate, stance } = scanned()
    const [like] = await stance.db.query<{ resource_key: string; native_id: string; content: string }>(
      `select resource_key, native_id, content from stance.resource
       where account_id = $1 and table_name = $2 and part = $3 order by resource_key nulls last limit 1`,
      [cell.account_id, cell.table, cell.part],
    )
    const resource_key = `${like!.resource_key}-fresh`
    const { list } = JSON.parse(like!.content) as { list: JsonObject }
    const resource = {
      ...{ resource_key, native_id: `${like!.native_id}-fresh`, name: 'fresh', region: cell.part },
      ...{
        owner_account_id: good,
        incarnation: '',
        tags: {},
        ...(parent_key === '' ? {} : { parent_key }),
      },
      groups: { list: { state: 'ok' as const, content: list, read_at } },
    }
    const options = { clock: estate.clock, partition: 'aws', derive: stance.derive }
    await writeSingle(stance.db, stance.catalogue, cell, { resource }, options)
    return resource_key
  }
})

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
