import type { Database } from '../src/db/database.ts'
import { countFindings } from '../src/run/list-findings.ts'
import { type BenchEngine, benchDatabase, fillTables, series, settle, wholePart } from './engines.ts'
import { about, atMost, best, figure, seconds } from './measure.ts'

const accounts = 200

/** Counts at a past moment over 10 million findings and the 45 million intervals that they have closed. */
export async function asOf(engine: BenchEngine, scale: number): Promise<void> {
  const findings = Math.round(10_000_000 * scale)
  const closed = Math.round(45_000_000 * scale)
  about(
    `as of a past moment, ${engine}: ${findings.toLocaleString('en')} findings, ${closed.toLocaleString('en')} closed intervals over 15 months`,
  )
  const { db, close } = await benchDatabase(engine, 'grown')
  try {
    figure('seeding', `${(await seconds(() => fill(db, findings, closed))).toFixed(0)} s`)
    await settle(db)
    for (const days of [14, 180, 420]) {
      const moment = new Date(Date.UTC(2026, 0, 1) - days * 86_400_000)
      let total = 0
      const time = await best(3, async () => {
        const counts = await countFindings(db, { at: moment })
        total = counts.reduce((sum, row) => sum + row.n, 0)
      })
      atMost(
        `counts by verdict and severity ${days} days ago (${total.toLocaleString('en')} stood then)`,
        time,
        's',
        1.5,
      )
    }
  } finally {
    await close()
  }
}

const t0 = `timestamptz '2026-01-01 00:00:00+00'`
/** Days from 2026-01-01; from seconds, which is faster than intervals. */
const days = (expression: string) =>
  `to_timestamp(cast(1767225600 + (${expression}) * 86400 as double precision))`

/**
 * Each finding closes an interval about every 90 days, one after another without a gap, and then stands as it is. They
 * are written in the order in which they closed, as judging writes them.
 */
async function fill(db: Database, findings: number, closed: number): Promise<void> {
  const nr = db.engine === 'duckdb' ? `(n % ${findings})` : `mod(n, ${findings})`
  const round = wholePart(db, 'n', findings)
  const account = `'a' || lpad(cast(${nr} % ${accounts} as text), 4, '0')`
  const verdict = `case (${nr} + ${round}) % 3 when 0 then 'fail' else 'pass' end`
  const severity = `case ${nr} % 4 when 0 then 'low' when 1 then 'medium' when 2 then 'high' else 'critical' end`
  // Which round a finding closes last: as many findings close one more as are left over.
  const last = wholePart(db, `(${closed} - 1 - n)`, findings)
  const ends = (which: string) => days(`${which} * 90 - 440 + (${nr} * 7) % 90`)
  const key = `'bench-rule-' || cast(${nr} % 20 as text), 'bench_thing', 'arn:aws:ec2:eu-west-1:111122223333:thing/' || cast(${nr} as text), 'eu-west-1'`
  const id = `'f' || lpad(cast(${nr} as text), 19, '0')`
  await fillTables(db, ['stance.finding', 'stance.finding_history'], async (tx) => {
    await tx.run(
      `insert into stance.finding (account_id, finding_id, rule_id, table_name, resource_key, region, verdict, since,
         definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at, known_severity,
         valid_from, evidence)
       select ${account}, ${id}, ${key}, ${verdict}, ${ends(last)}, 'pass', ${t0}, ${severity}, ${severity},
         ${t0}, ${t0}, ${severity}, ${ends(last)}, null
       from ${series(db)}`,
      [findings],
    )
    await tx.run(
      `insert into stance.finding_history (account_id, finding_id, valid_to, valid_from, rule_id, table_name, resource_key,
         region, verdict, since, definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at,
         closed_as, evidence)
       select ${account}, ${id}, ${ends(round)}, ${ends(`(${round} - 1)`)}, ${key},
         ${verdict}, ${t0}, 'pass', ${t0}, ${severity}, ${severity}, ${t0}, ${t0}, '', null
       from ${series(db)}`,
      [closed],
    )
  })
}
