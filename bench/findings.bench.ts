import { randomUUID } from 'node:crypto'
import type { Database } from '../src/db/database.ts'
import { countsAt } from '../src/findings/counts-at.ts'
import { findingIdSql } from '../src/findings/finding-id-sql.ts'
import { recordVerdicts } from '../src/findings/record-verdicts.ts'
import { syncRules } from '../src/findings/sync-rules.ts'
import { benchDatabase } from './engines.ts'
import { best, figure, say, seconds } from './measure.ts'

const accounts = 200
const slots = 20
const table = 'bench_thing'

/** 200,000 findings changed in one transaction among 20 million (5 million on PostgreSQL). */
export async function changing(scale: number, engines: readonly ('duckdb' | 'postgres')[]): Promise<void> {
  for (const name of engines) {
    const findings = Math.round((name === 'duckdb' ? 20_000_000 : 5_000_000) * scale)
    const changed = Math.round(200_000 * scale)
    say(
      `changing ${changed.toLocaleString('en')} of ${findings.toLocaleString('en')} findings in one transaction`,
    )
    const { db, close } = await benchDatabase(name)
    try {
      await fill(db, findings / slots)
      if (name === 'postgres') await db.transaction((tx) => tx.run('analyze'))
      let done = 0
      const time = await seconds(async () => {
        done = await change(db, changed, findings / slots)
      })
      figure(
        `${name}: ${done.toLocaleString('en')} changed, history and events written`,
        `${time.toFixed(2)} s`,
      )
    } finally {
      await close()
    }
  }
}

function series(db: Database): string {
  return db.engine === 'duckdb' ? 'range(0, $1) s(n)' : 'generate_series(0::bigint, $1::bigint - 1) s(n)'
}

const account = `'a' || lpad(cast(n % ${accounts} as text), 4, '0')`
const allPass = `o${'p'.repeat(slots)}`

async function fill(db: Database, resources: number): Promise<void> {
  await db.transaction(async (tx) => {
    await syncRules(
      tx,
      Array.from({ length: slots }, (_, n) => ({
        rule_id: `bench-rule-${String(n).padStart(2, '0')}`,
        id_seed: `bench-rule-${String(n).padStart(2, '0')}`,
        table_name: table,
        service: 'bench',
        title: 'Bench',
        severity_private: 'medium' as const,
        severity_public: 'high' as const,
        enabled: true,
        fingerprint: '1',
      })),
    )
    await tx.run(
      `insert into stance.verdict (account_id, table_name, resource_key, region, verdicts)
       select ${account}, '${table}', 'thing/' || cast(n as text), 'eu-west-1', '${allPass}' from ${series(db)}`,
      [resources],
    )
  })
  const id = findingIdSql(db.engine, ['x.rule_id', 'x.account_id', 'x.resource_key', `''`])
  await db.transaction((tx) =>
    tx.run(
      `insert into stance.finding (account_id, finding_id, rule_id, table_name, resource_key, region, verdict, since,
         definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at, known_severity,
         valid_from, evidence)
       select y.account_id, ${id.id}, y.rule_id, '${table}', y.resource_key, 'eu-west-1', 'pass', ${t0}, 'pass', ${t0}, 'medium',
         'medium', ${t0}, timestamptz '9999-12-31 00:00:00+00', 'medium', ${t0}, null
       from (
         select x.account_id, x.rule_id, x.resource_key, ${id.digest} as digest
         from (
           select v.account_id, v.resource_key, r.rule_id from stance.verdict v cross join stance.rule r
         ) x
       ) y`,
    ),
  )
}

const t0 = `timestamptz '2026-01-01 00:00:00+00'`

async function change(db: Database, changed: number, resources: number): Promise<number> {
  const step = Math.round(resources / changed)
  const failing = `'o' || 'f' || repeat('p', ${slots - 1})`
  const recorded = await db.transaction((tx) =>
    recordVerdicts(tx, {
      batch: randomUUID(),
      table,
      judged: `select v.account_id, v.region, v.resource_key,
          case when cast(substr(v.resource_key, 7) as bigint) % ${step} = 0 then ${failing} else v.verdicts end as verdicts
        from stance.verdict v`,
      existing: 'select v.account_id, v.resource_key from stance.verdict v',
      scope: {},
      now: new Date('2026-02-01T00:00:00Z'),
    }),
  )
  return recorded.findings_changed
}

/** Counts at a past moment over 10 million findings and 45 million closed intervals. */
export async function asOf(scale: number, engines: readonly ('duckdb' | 'postgres')[]): Promise<void> {
  const findings = Math.round(10_000_000 * scale)
  const closed = Math.round(45_000_000 * scale)
  say(
    `as of a past moment: ${findings.toLocaleString('en')} findings, ${closed.toLocaleString('en')} closed intervals`,
  )
  for (const name of engines) {
    const { db, close } = await benchDatabase(name)
    try {
      await fillHistory(db, findings, closed)
      if (name === 'postgres') await db.transaction((tx) => tx.run('analyze'))
      const moment = new Date('2026-01-15T00:00:00Z')
      const time = await best(3, () => countsAt(db, moment))
      const counts = await countsAt(db, moment)
      const total = counts.reduce((sum, row) => sum + row.findings, 0)
      figure(
        `${name}: counts by verdict and severity (${total.toLocaleString('en')} stood then)`,
        `${time.toFixed(2)} s`,
        '≤ 1.5 s',
      )
    } finally {
      await close()
    }
  }
}

async function fillHistory(db: Database, findings: number, closed: number): Promise<void> {
  const day = (expression: string) => `${t0} + (${expression}) * interval '1 day'`
  const verdict = (expression: string) => `case (${expression}) % 3 when 0 then 'fail' else 'pass' end`
  const severity = `case n % 4 when 0 then 'low' when 1 then 'medium' when 2 then 'high' else 'critical' end`
  // Each finding's closed intervals follow each other, fifty days each.
  const round = db.engine === 'duckdb' ? `(n // ${findings})` : `(n / ${findings})`
  const fixed = `'bench-rule-00', '${table}', 'thing/' || cast(n as text), 'eu-west-1'`
  await db.transaction((tx) =>
    tx.run(
      `insert into stance.finding (account_id, finding_id, rule_id, table_name, resource_key, region, verdict, since,
         definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at, known_severity,
         valid_from, evidence)
       select ${account}, 'f' || cast(n as text), ${fixed}, ${verdict('n')}, ${day('n % 60')}, 'pass', ${t0}, ${severity}, ${severity},
         ${t0}, ${t0}, ${severity}, ${day('n % 60')}, null
       from ${series(db)}`,
      [findings],
    ),
  )
  await db.transaction((tx) =>
    tx.run(
      `insert into stance.finding_history (account_id, finding_id, valid_to, valid_from, rule_id, table_name, resource_key,
         region, verdict, since, definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at,
         closed_as, evidence)
       select ${account}, 'f' || cast(n % ${findings} as text), ${day(`${round} * 50 - 200 + n % 7`)}, ${day(`${round} * 50 - 250 + n % 7`)}, ${fixed},
         ${verdict('n')}, ${t0}, 'pass', ${t0}, ${severity}, ${severity}, ${t0}, ${t0}, '', null
       from ${series(db)}`,
      [closed],
    ),
  )
}
