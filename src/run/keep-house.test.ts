import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import { historyLimit } from '../lake/drop-older-than.ts'
import { dropOldHistory, sweepLeftovers } from './keep-house.ts'
import { makeSpoolDirectory, removeSpoolDirectory } from './spool-directory.ts'

const now = new Date('2026-06-15T12:00:00Z')
const limit = historyLimit(now)
const hour = 3_600_000
const clockAt = (moment: Date) => ({ now: () => moment })
const later = (hours: number) => clockAt(new Date(now.getTime() + hours * hour))
const [before, after] = [new Date(limit.getTime() - 1), new Date(limit.getTime() + 1)]
const accounts = ['111122223333', '444455556666']
/** What is kept for 15 months, and by what its age is told. */
const ends = [
  ['finding_history', 'valid_to'],
  ['finding_event', 'happened_at'],
  ['finding_closed', 'closed_at'],
  ['coverage_history', 'valid_to'],
  ['resource_version', 'valid_to'],
  ['tombstone', 'deleted_at'],
] as const

eachEngine(
  'keeping house',
  (database) => {
    it('drops what ended before the limit, and nothing else', async () => {
      const { db } = database()
      await db.transaction(async (tx) => {
        for (const account of accounts)
          for (const [nr, moment] of [before, after].entries()) {
            await tx.run(
              `insert into stance.finding_history (account_id, finding_id, valid_to, valid_from, rule_id, table_name,
                 resource_key, region, verdict, since, definite_verdict, definite_since, severity, severity_max,
                 first_seen, first_failed_at, closed_as)
               values ($1::text, $2::text, $3::timestamptz, $4::timestamptz, 'r', 't', 'k', 'eu-west-1', 'fail',
                 $4::timestamptz, 'fail', $4::timestamptz, 'high', 'high', $4::timestamptz, $4::timestamptz, '')`,
              [account, `f${nr}`, moment, new Date(0)],
            )
            await tx.run(
              `insert into stance.finding_event (account_id, finding_id, batch, happened_at, kind, rule_id, table_name,
                 resource_key, region, verdict, severity)
               values ($1::text, $2::text, 'b', $3::timestamptz, 'failed', 'r', 't', 'k', 'eu-west-1', 'fail', 'high')`,
              [account, `f${nr}`, moment],
            )
            await tx.run(
              `insert into stance.finding_closed (account_id, finding_id, rule_id, table_name, resource_key, region,
                 definite_verdict, definite_since, first_seen, first_failed_at, closed_as, closed_at)
               values ($1::text, $2::text, 'r', 't', 'k', 'eu-west-1', 'fail', $3::timestamptz, $3::timestamptz,
                 $3::timestamptz, 'gone', $3::timestamptz)`,
              [account, `f${nr}`, moment],
            )
            await tx.run(
              `insert into stance.coverage_history (account_id, table_name, part, resource_key, group_name, valid_to,
                 valid_from, state, in_force, code, action, denied_by)
               values ($1::text, 't', 'global', '', '', $2::timestamptz, $3::timestamptz, 'ok', true, '', '', '')`,
              [account, moment, new Date(0)],
            )
            await tx.run(
              `insert into stance.resource_version (account_id, resource_key, valid_to, valid_from, table_name, provider,
                 cloud_partition, region, part, owner_account_id, parent_key, native_id, name, incarnation, content, state,
                 list_state, in_force, in_force_since, hash, first_seen, closed_as)
               values ($1::text, 'k', $2::timestamptz, $3::timestamptz, 't', 'aws', 'aws', 'eu-west-1', 'eu-west-1',
                 $1::text, '', 'k', 'k', '', '{}', '{}', 'ok', true, $3::timestamptz, '', $3::timestamptz, 'changed')`,
              [account, moment, new Date(0)],
            )
            await tx.run(
              `insert into stance.tombstone (account_id, resource_key, deleted_at, table_name, region, part, native_id,
                 name, incarnation, first_seen, read_at, reason)
               values ($1::text, 'k', $2::timestamptz, 't', 'eu-west-1', 'eu-west-1', 'k', 'k', '', $3::timestamptz,
                 $2::timestamptz, 'gone')`,
              [account, moment, new Date(0)],
            )
          }
        for (const [state, moment] of [
          ['done', before],
          ['running', before],
          ['done', after],
        ] as const)
          await tx.run(
            `insert into stance.scan (scan_id, started_at, state, options)
             values ($1::text, $2::timestamptz, $3::text, '{}')`,
            [`${state} ${moment.toISOString()}`, moment, state],
          )
      })
      expect(await dropOldHistory(db, clockAt(now))).toBe(1 + accounts.length * ends.length)
      for (const [table, column] of ends) {
        const left = await db.query<{ ended: Date }>(`select ${column} as ended from stance.${table}`)
        expect([table, left.map(({ ended }) => ended)]).toEqual([table, accounts.map(() => after)])
      }
      const scans = await db.query<{ scan_id: string }>(
        'select scan_id from stance.scan order by scan_id nulls last',
      )
      expect(scans.map(({ scan_id }) => scan_id.split(' ')[0])).toEqual(['done', 'running'])
    })

    it('does so once a day, whoever of several workers comes first', async () => {
      const { db } = database()
      await db.transaction((tx) => tx.run('delete from stance.upkeep'))
      const three = await Promise.all([1, 2, 3].map(() => dropOldHistory(db, clockAt(now))))
      expect(three.filter((dropped) => dropped !== undefined)).toEqual([0])
      expect(await dropOldHistory(db, later(20))).toBeUndefined()
      const next = await Promise.all([1, 2, 3].map(() => dropOldHistory(db, later(24))))
      expect(next.filter((dropped) => dropped !== undefined)).toHaveLength(1)
    })

    it('sweeps what killed processes left, and leaves what a living one may own', async () => {
      const { db, engine } = database()
      const directory = await mkdtemp(join(tmpdir(), 'stance-house-'))
      try {
        const stages: [string, number][] = [
          ['dead', 25],
          ['alive', 2],
        ]
        await db.transaction(async (tx) => {
          for (const [batch, age] of stages)
            await tx.run(
              `insert into stance.resource_stage (account_id, batch, chunk, nr, staged_at, resource)
               values ('111122223333', $1::text, 0, 0, $2::timestamptz, '{}')`,
              [batch, new Date(now.getTime() - age * hour)],
            )
          await tx.run(
            `insert into stance.verdict_change (account_id, batch, table_name, resource_key, region, old_verdicts, new_verdicts)
             values ('444455556666', 'b', 't', 'k', 'eu-west-1', '', 'op')`,
          )
          await tx.run(
            `insert into stance.finding_evidence (account_id, batch, finding_id, evidence)
             values ('444455556666', 'b', 'f', '{}')`,
          )
          await tx.run(
            `insert into stance.cell_lease (account_id, table_name, part, holder, until_at)
             values ('111122223333', 't', 'global', 'me', $1::timestamptz)`,
            [now],
          )
        })
        const spool = `stance-spool-${randomUUID()}`
        for (const [name, age, ...files] of [
          ['.stance-spools-AbCd12', 25, spool],
          ['.stance-spools-Ef34Gh', 1, spool],
          // What somebody else put there, of whatever name and age.
          ['.stance-spools-Ij56Kl', 25, spool, 'notes.txt'],
          ['.stance-spools-notes', 25, spool],
          ['scan-report', 72, 'evidence.txt'],
          ['scan-202610', 72, 'evidence.txt'],
        ] as const) {
          await mkdir(join(directory, name))
          for (const file of files) await writeFile(join(directory, name, file), 'x')
          const touched = new Date(Date.now() - age * hour)
          await utimes(join(directory, name), touched, touched)
        }
        // Of this machine: whose process has ended goes at once, that of a living one stays.
        const own = await makeSpoolDirectory(directory)
        const owner = await readFile(join(own, 'stance-spool-owner'), 'utf8')
        const { pid: ended } = spawnSync(process.execPath, ['--version'])
        for (const [name, text] of [
          ['.stance-spools-Kl78Mn', owner.replace(/\d+\}$/, `${ended}}`)],
          [
            '.stance-spools-Op90Qr',
            owner.replace(/"machine":"/, '"machine":"other ').replace(/\d+\}$/, `${ended}}`),
          ],
        ] as const) {
          await mkdir(join(directory, name))
          await writeFile(join(directory, name, 'stance-spool-owner'), text)
        }
        await sweepLeftovers(db, clockAt(now), directory)
        expect(await readdir(own)).toEqual(['stance-spool-owner'])
        removeSpoolDirectory(own)
        // The embedded file belongs to one process alone.
        const isAlone = engine === 'duckdb'
        const left = await db.query('select batch from stance.resource_stage')
        expect(left).toEqual(isAlone ? [] : [{ batch: 'alive' }])
        expect(await countOf(db, 'cell_lease')).toBe(isAlone ? 0 : 1)
        expect(await countOf(db, 'verdict_change')).toBe(0)
        expect(await countOf(db, 'finding_evidence')).toBe(0)
        expect((await readdir(directory, { recursive: true })).sort()).toEqual([
          '.stance-spools-Ef34Gh',
          `.stance-spools-Ef34Gh/${spool}`,
          '.stance-spools-Ij56Kl',
          '.stance-spools-Ij56Kl/notes.txt',
          '.stance-spools-Op90Qr',
          '.stance-spools-Op90Qr/stance-spool-owner',
          '.stance-spools-notes',
          `.stance-spools-notes/${spool}`,
          'scan-202610',
          'scan-202610/evidence.txt',
          'scan-report',
          'scan-report/evidence.txt',
        ])
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    })

    it('never takes the rows of a judgement that is under way', async () => {
      const { db } = database()
      const written = Promise.withResolvers<void>()
      const swept = Promise.withResolvers<void>()
      const judging = db.transaction(async (tx) => {
        await tx.run(
          `insert into stance.finding_evidence (account_id, batch, finding_id, evidence)
           values ('111122223333', 'living', 'f', '{}')`,
        )
        written.resolve()
        await swept.promise
        const rows = await tx.query(
          `select batch from stance.finding_evidence where account_id = '111122223333'`,
        )
        await tx.run(`delete from stance.finding_evidence where account_id = '111122223333'`)
        return rows
      })
      await written.promise
      // DuckDB's writers follow each other: there, the sweep waits for the judgement.
      const sweeping = sweepLeftovers(db, clockAt(now), '/nowhere')
      if (database().engine === 'duckdb') swept.resolve()
      else await sweeping.then(() => swept.resolve())
      expect(await judging).toEqual([{ batch: 'living' }])
      await sweeping
    })
  },
  { migrated: true },
)

async function countOf(db: Database, table: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*) as n from stance.${table}`)
  return row?.n ?? -1
}
