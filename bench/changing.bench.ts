import { randomUUID } from 'node:crypto'
import type { Database } from '../src/db/database.ts'
import { findingIdSql } from '../src/findings/finding-id-sql.ts'
import { recordVerdicts } from '../src/findings/record-verdicts.ts'
import { syncRules } from '../src/findings/sync-rules.ts'
import { type BenchEngine, benchDatabase, fillTables, series, settle } from './engines.ts'
import { about, figure, seconds } from './measure.ts'

const accounts = 200
const slots = 20
const table = 'bench_thing'

/** 200,000 findings changed in one transaction among 20 million (5 million on PostgreSQL). */
export async function changing(engine: BenchEngine, scale: number): Promise<void> {
  const resources = Math.round(((engine === 'duckdb' ? 20_000_000 : 5_000_000) * scale) / slots)
  const changed = Math.min(resources, Math.round(200_000 * scale))
  const all = (resources * slots).toLocaleString('en')
  about(
    `changing, ${engine}: ${changed.toLocaleString('en')} of ${all} findings in one transaction, ${accounts} accounts`,
  )
  const { db, close } = await benchDatabase(engine, 'grown')
  try {
    await fill(db, resources)
    await settle(db)
    let done = 0
    const time = await seconds(async () => {
      done = await change(db, Math.floor(resources / changed))
    })
    const what = `${done.toLocaleString('en')} changed, ${resources.toLocaleString('en')} resources judged, history and events written`
    figure(what, `${time.toFixed(2)} s`)
  } finally {
    await close()
  }
}

const account = `'a' || lpad(cast(n % ${accounts} as text), 4, '0')`
const allPass = `o${'p'.repeat(slots)}`
const t0 = `timestamptz '2026-01-01 00:00:00+00'`

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
  await fillTables(db, ['stance.finding'], async (tx) => {
    await tx.run(
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
         ${id.once}
       ) y`,
    )
  })
}

/** Every so many resources fail one rule that they passed; all are judged. */
async function change(db: Database, every: number): Promise<number> {
  const failing = `'o' || 'f' || repeat('p', ${slots - 1})`
  const recorded = await db.transaction((tx) =>
    recordVerdicts(tx, {
      batch: randomUUID(),
      tables: [
        {
          table,
          judged: `select v.account_id, v.region, v.resource_key,
            case when cast(substr(v.resource_key, 7) as bigint) % ${every} = 0 then ${failing} else v.verdicts end as verdicts
          from stance.verdict v`,
          existing: 'select v.account_id, v.resource_key from stance.verdict v',
          scope: {},
        },
      ],
      now: new Date('2026-02-01T00:00:00Z'),
    }),
  )
  return recorded.findings_changed
}
