import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { EvidenceOf } from '../../src/findings/apply-finding-changes.ts'
import { writeSingle } from '../../src/lake/write-single.ts'
import { judgeAccount } from '../../src/run/judge-marked.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { differences, postureOf } from './posture.ts'

/** No fact and no rule looks at it from another table, so nothing else has its rows judged again. */
const cell = { account_id: good, table: 'aws_ebs_volume', part: 'eu-west-1' }
/** Long enough for whatever does not wait. */
const untilItWaits = 3_000

eachScannedStore(
  'judging beside the write that deletes what is judged',
  { copies: 'one for all' },
  (scanned) => {
    it('ends before it: what was said of it goes with it', { timeout: longest }, async () => {
      const { estate, stance, copy, clean } = scanned()
      const other = stance.db.engine === 'duckdb' ? stance : await estate.open(await copy.database.open())
      const fresh = await born(stance, 'first')
      let deleting: Promise<unknown> | undefined
      const evidenceOf: EvidenceOf = async (reader, findings) => {
        if (deleting === undefined && findings.some(({ resource_key }) => resource_key === fresh)) {
          // A whole cell, of another process: its listing does not have it.
          const narrowing = { accounts: [good], tables: [cell.table], regions: [cell.part] }
          deleting = estate.scan(other, { narrowing })
          await Promise.race([deleting, sleep(untilItWaits)])
        }
        return stance.judge.evidenceOf?.(reader, findings) ?? new Map()
      }
      await judgeAccount({ ...stance, judge: { ...stance.judge, evidenceOf } }, good)
      expect(await deleting).toMatchObject({ state: 'done', cells: { read: 1 } })

      expect(await saidOf(stance.db, fresh)).toEqual({ rows: 0, verdicts: 0, findings: 0, ended: 1 })
      expect(await lakeProblems(stance)).toEqual([])
      expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
    })

    it('begins after it: nothing is said of what is gone', { timeout: longest }, async () => {
      const { estate, stance, copy, clean } = scanned()
      const { judge } = stance
      const other = stance.db.engine === 'duckdb' ? stance : await estate.open(await copy.database.open())
      const fresh = await born(stance, 'second')
      const order: string[] = []
      let judging: Promise<void> | undefined
      const options = {
        ...{ clock: estate.clock, partition: 'aws' },
        derive: async (...[tx, change]: Parameters<Stance['derive']>) => {
          await stance.derive(tx, change)
          judging ??= judgeAccount({ ...other, judge }, good).then(() => {
            order.push('judged')
          })
          await Promise.race([judging, sleep(untilItWaits)])
          order.push('deleted')
        },
      }
      const gone = { resource_key: fresh }
      await writeSingle(stance.db, stance.catalogue, cell, { gone, read_at: estate.clock.now() }, options)
      await judging

      expect(order).toEqual(['deleted', 'judged'])
      expect(await saidOf(stance.db, fresh)).toEqual({ rows: 0, verdicts: 0, findings: 0, ended: 0 })
      expect(await lakeProblems(stance)).toEqual([])
      expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
    })

    /** A volume that an event found, like one that fails; it waits to be judged. */
    async function born({ db, catalogue, derive }: Stance, name: string): Promise<string> {
      const { clock } = scanned().estate
      const [like] = await db.query<{ resource_key: string; native_id: string; content: string }>(
        `select r.resource_key, r.native_id, r.content from stance.resource r
       join stance.finding f on f.account_id = r.account_id and f.resource_key = r.resource_key
       where r.account_id = $1 and r.table_name = $2 and r.part = $3 and f.verdict = 'fail'
       order by r.resource_key nulls last limit 1`,
        [cell.account_id, cell.table, cell.part],
      )
      const { resource_key, native_id, content } = like!
      const { list } = JSON.parse(content) as { list: object }
      const resource = {
        ...{ resource_key: `${resource_key}-${name}`, native_id: `${native_id}-${name}`, name },
        ...{ region: cell.part, owner_account_id: good, incarnation: '', tags: {} },
        groups: { list: { state: 'ok' as const, content: { ...list }, read_at: clock.now() } },
      }
      await writeSingle(db, catalogue, cell, { resource }, { clock, partition: 'aws', derive })
      return resource.resource_key
    }
  },
)

/** How many rows there are of it, and what is said of it. */
async function saidOf(db: Database, key: string): Promise<Record<string, number>> {
  const count = async (table: string) =>
    (await db.query(`select * from ${table} t where t.account_id = $1 and t.resource_key = $2`, [good, key]))
      .length
  return {
    rows: await count('stance.resource'),
    verdicts: await count('stance.verdict'),
    findings: await count('stance.finding'),
    ended: await count('stance.finding_closed'),
  }
}
