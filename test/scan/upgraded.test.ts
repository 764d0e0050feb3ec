import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { silentLogger } from '../../src/core/log.ts'
import type { Database } from '../../src/db/database.ts'
import { readsOfRule } from '../../src/evaluate/rule-reads.ts'
import { migrateStore } from '../../src/run/migrate-store.ts'
import { openStance, type Stance } from '../../src/run/open-stance.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { lakeProblems } from './lake-problems.ts'
import { differences, type Posture, postureOf } from './posture.ts'

/** A table that the older version had not, and one whose typed rows it had made otherwise. */
const fresh = 'aws_lb_listener'
const known = 'aws_security_group'

eachScannedStore('a store of an older version', { copies: 'one each' }, (scanned) => {
  it('knows after migrating that nothing was read of a new table, and judges so', {
    timeout: longest,
  }, async () => {
    const { estate, stance, clean } = scanned()
    const judged = ofRulesThatRead(stance, clean, fresh)
    const { account_id } = [...judged.values()][0]!
    expect([...judged.values()].map(({ verdict }) => verdict)).toContain('fail')
    await forget(stance, fresh)
    await migrated()
    const after = await reopened()
    const told = await postureOf(after.db)
    // Also what follows from it and nothing else; a verdict that stands without it stays.
    const unknown = [...judged.keys()].filter((name) => told.get(name)?.verdict === 'unknown')
    for (const [name, { verdict }] of judged)
      expect([verdict, 'unknown'], name).toContain(told.get(name)?.verdict)
    expect(unknown.filter((name) => name.includes('aws-elbv2-load-balancer-leads-to-https'))).toEqual(
      [...judged.keys()].filter((name) => name.includes('aws-elbv2-load-balancer-leads-to-https')),
    )
    expect(unknown.length).toBeGreaterThan(0)
    // Nothing else is said otherwise, but of regions, that the table was not read there, and how bad what load balancers
    // do is: whether they are public hangs on it.
    const others = (posture: Posture) =>
      new Map(
        [...posture].filter(
          ([name, one]) =>
            clean.has(name) && !judged.has(name) && ![fresh, 'aws_lb'].includes(one.table_name),
        ),
      )
    expect(differences(others(clean), others(told))).toEqual([])
    const cells = await after.db.query(
      `select c.state, c.in_force, c.code from stance.cell c
       where c.account_id = $1::text and c.table_name = $2::text group by c.state, c.in_force, c.code`,
      [account_id, fresh],
    )
    expect(cells).toEqual([{ state: 'not_collected', in_force: false, code: 'NOT_READ_YET' }])
    expect(await after.db.query('select p.account_id from stance.pending_judgement p')).toEqual([])
    await estate.scan(after, { narrowing: { tables: [fresh] } })
    expect(differences(clean, await postureOf(after.db), false)).toEqual([])
    expect(await lakeProblems(after)).toEqual([])
  })

  it('knows after migrating why nothing is read of an account that refuses', {
    timeout: longest,
  }, async () => {
    const { stance, clean } = scanned()
    const { db } = stance
    const { account_id: refused } = [...clean.values()][0]!
    const never = '777788889999'
    const why = `state = 'not_collected', in_force = false, denied_by = 'credentials', action = 'sts:AssumeRole',
       code = 'COLLECT_ASSUME_ROLE_DENIED'`
    await changed(db, [
      `update stance.cell set ${why} where account_id = '${refused}'`,
      // Another, that was never entered: all that is there is its own cell.
      `insert into stance.cell (account_id, table_name, part, state, in_force, since, rows, calls, throttles, duration_ms,
         code, message, action, denied_by, next, group_attempts)
       values ('${never}', 'aws_account', 'global', 'not_collected', false, timestamptz '2026-01-01', 0, 0, 0, 0,
         'COLLECT_ASSUME_ROLE_DENIED', '', 'sts:AssumeRole', 'credentials', '', '{}')`,
    ])
    await forget(stance, fresh)
    await migrated()
    const after = await reopened()
    const cells = await after.db.query(
      `select c.account_id, c.table_name, c.code, c.action from stance.cell c
       where c.account_id = $1::text or (c.account_id = $2::text and c.table_name = $3::text)
       group by c.account_id, c.table_name, c.code, c.action`,
      [never, refused, fresh],
    )
    const told = { code: 'COLLECT_ASSUME_ROLE_DENIED', action: 'sts:AssumeRole' }
    expect(cells).toHaveLength(2)
    expect(cells).toContainEqual({ account_id: never, table_name: 'aws_account', ...told })
    expect(cells).toContainEqual({ account_id: refused, table_name: fresh, ...told })
  })

  it('that a scan brings up to date is not unknown in between', { timeout: longest }, async () => {
    const { estate, stance, clean } = scanned()
    const judged = ofRulesThatRead(stance, clean, fresh)
    await forget(stance, fresh)
    const after = await reopened()
    const waiting = await after.db.query<{ n: number }>('select count(*) as n from stance.pending_judgement')
    expect(waiting[0]!.n).toBeGreaterThan(0)
    const rules = [...new Set([...judged.values()].map(({ rule_id }) => rule_id))]
    const pastOf = () =>
      after.db.query(
        `select h.verdict, count(*) as n from stance.finding_history h where h.rule_id = any($1::text[])
         group by h.verdict order by h.verdict nulls last`,
        [rules],
      )
    const past = await pastOf()
    await estate.scan(after)
    expect(differences(clean, await postureOf(after.db))).toEqual([])
    expect(await pastOf()).toEqual(past)
  })

  it('tells what a new rule found, when it is migrated and with the next scan', {
    timeout: longest,
  }, async () => {
    const { copy, estate } = scanned()
    const rules = { ...estate.settings.rules, directories: [await ownRules()] }
    const { changes } = await migrated({ rules })
    const failed = Number(changes.events.failed)
    expect(failed).toBeGreaterThan(0)
    const unknowns = { newly_unknown: 0, known_again: 0, unknown_closed: 0 }
    // The one that everybody can read.
    const by_severity = { failed: { critical: 1, high: failed - 1 } }
    expect(changes).toEqual({ events: { failed }, by_severity, ...unknowns })
    await copy.database.db.close()
    const db = await copy.database.open()
    const settings = { ...estate.settings, rules }
    estate.clock.set(Date.now())
    const after = await openStance(db, { settings, clock: estate.clock })
    const narrowing = { tables: ['aws_kms_key'] }
    const heard = async () => {
      const summary = await summarizeScan(db, after.set, await estate.scan(after, { narrowing }), narrowing)
      expect(summary.is_first).toBe(false)
      return summary.outside.events.failed
    }
    expect(await heard()).toBe(failed)
    expect(await heard(), 'told once').toBeUndefined()
  })

  it.each([
    ['a typed table', [`drop view public.${known}`, `drop table lake.${known}`]],
    ['a table of lists', [`drop view public.${known}_rule`, `drop table lake.${known}_rule`]],
    ['a column', [`drop view public.${known}`, `alter table lake.${known} drop column group_name`]],
    ['a fact', [`drop view public.${known}`, `alter table lake.${known} drop column is_public`]],
    [
      'another projection',
      [`update stance.resource set projection = 'older'`, 'delete from stance.projection'],
    ],
  ])('gets back what documents say, and what is derived: %s', { timeout: longest }, async (_, statements) => {
    const { stance, clean } = scanned()
    const before = await rowsOf(stance)
    await changed(stance.db, statements)
    await migrated()
    const after = await reopened()
    expect(await rowsOf(after)).toEqual(before)
    expect(differences(clean, await postureOf(after.db))).toEqual([])
    expect(await lakeProblems(after)).toEqual([])
  })

  /** As `stance migrate` does it: a process of its own. */
  async function migrated(more: Partial<RunSettings> = {}): ReturnType<typeof migrateStore> {
    const { copy, estate } = scanned()
    await copy.database.db.close()
    const { path, url } = copy.database.options
    const database = { path, url, memory_limit: 1_073_741_824 }
    return migrateStore({ ...estate.settings, ...more, database }, silentLogger)
  }

  async function reopened(): Promise<Stance> {
    const { copy, estate } = scanned()
    await copy.database.db.close()
    return estate.open(await copy.database.open())
  }
})

let own: string | undefined
afterAll(async () => {
  if (own !== undefined) await rm(own, { recursive: true, force: true })
})

/** A folder with a rule that no bucket passes. */
async function ownRules(): Promise<string> {
  own ??= await mkdtemp(join(tmpdir(), 'stance-rules-'))
  await mkdir(join(own, 'aws/s3'), { recursive: true })
  await writeFile(
    join(own, 'aws/s3/never.yaml'),
    `title: S3 bucket has a name that none has
resource: aws_s3_bucket
pass: bucket_name = 'no-such-bucket'
severity: { attack_vector: no_authorization, impact: high }
why: This is a rule that finds something in every bucket that there is.
fix: { console: Rename it., cli: aws s3api list-buckets, terraform: bucket = "no-such-bucket" }
topics: [public access]
references: [https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html]
proofs:
  pass: [{ bucket_name: no-such-bucket }]
  fail: [{ bucket_name: another }]
`,
  )
  return own
}

/** Findings whose rules look at a table, through facts too. */
function ofRulesThatRead({ set }: Stance, posture: Posture, table: string): Posture {
  const rules = [...set.rules.values()].filter(
    (ready) =>
      ready.rule.resource !== table && [...readsOfRule(set, ready)].some((read) => read.table === table),
  )
  const ids = new Set(rules.map(({ rule }) => rule.id))
  return new Map([...posture].filter(([, { rule_id }]) => ids.has(rule_id)))
}

/** The store as it was before there was the table. */
async function forget({ db, catalogue }: Stance, table: string): Promise<void> {
  const names = [table, ...catalogue.tables.get(table)!.children.map(({ name }) => name)]
  await changed(db, [
    ...names.flatMap((name) => [`drop view public.${name}`, `drop table lake.${name}`]),
    ...['cell', 'coverage_history', 'resource', 'unread_group', 'resource_version', 'tombstone'].map(
      (own) => `delete from stance.${own} where table_name = '${table}'`,
    ),
    `delete from stance.projection where table_name = '${table}'`,
  ])
}

async function changed(db: Database, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await db.transaction((tx) => tx.run(sql))
}

async function rowsOf({ db }: Stance): Promise<unknown[]> {
  const rows = await db.query(
    `select * from lake.${known} order by account_id nulls last, resource_key nulls last`,
  )
  const lists = await db.query(
    `select * from lake.${known}_rule order by account_id nulls last, resource_key nulls last, _nr nulls last`,
  )
  return [...rows, ...lists].map((row) => Object.fromEntries(Object.entries(row).sort()))
}
