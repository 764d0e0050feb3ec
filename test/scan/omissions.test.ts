import { expect, it } from 'vitest'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { readRecording } from '../../src/collect/transport/read-recording.ts'
import { freshDatabase, longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { recordedEstate } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { inRounds, type Omission, omissionsOf } from './omissions.ts'
import { nameOf } from './operations.ts'
import { differences, postureOf, recordsOf, turned } from './posture.ts'

const { exchanges } = await readRecording(recordedEstate)
const omissions = omissionsOf(new TableRegistry(tables, sources), new Set(exchanges.map(nameOf)))
const rounds = inRounds(omissions).map((round, nr) => ({ nr: nr + 1, round }))

const faultsOf = (round: readonly Omission[]) =>
  round.map(({ operation, path }) => `${operation}=omitted(${path})`).join(' ')

const options = { copies: 'one for all', engines: oneEngine() } as const
eachScannedStore('what an answer must have is left out of it,', options, (scanned, engine) => {
  // Some, for the time that scans take: that no field's absence changes a value is asked of every field in
  // omitted-fields.test.ts, here it is asked what a scan makes of it.
  const some = rounds.filter((_, nr) => nr % (engine === 'duckdb' ? 12 : 4) === 0)
  it.each(some)(
    'of a used store, round $nr: nothing is deleted, no verdict turns',
    async ({ round }) => {
      const { estate, stance, clean } = scanned()
      const records = await recordsOf(stance.db)
      const record = await estate.scan(stance, { faults: faultsOf(round) })
      expect(record.state).toBe('done')
      expect(differences(clean, await postureOf(stance.db)), 'the last good reading counts').toEqual([])
      expect(await recordsOf(stance.db)).toEqual(records)
      const unread = await stance.db.query<{ what: string; state: string }>(
        `select distinct table_name || '.' || case when group_name = '' then 'list' else group_name end as what, state
       from public.coverage`,
      )
      const missed = round.filter(
        ({ table, group, isSource }) =>
          group !== '' &&
          isSource !== true &&
          !unread.some(({ what, state }) => what === `${table}.${group}` && state === 'error'),
      )
      expect(missed, 'what was not noticed').toEqual([])
    },
    120_000,
  )

  it('when all is over the store is whole', { timeout: longest }, async () => {
    const { estate, stance, clean } = scanned()
    await estate.scan(stance)
    expect(differences(clean, await postureOf(stance.db))).toEqual([])
    expect(await lakeProblems(stance)).toEqual([])
  })

  // What is not known from before is unknown: these scans are long, and one engine's projections are the other's.
  const fresh = engine === 'postgres' ? rounds.filter((_, nr) => nr % 3 === 0 && nr > 0) : []
  it.each(fresh)(
    'of a fresh store, round $nr: unknown, or what is so',
    { timeout: longest },
    async ({ round }) => {
      const { estate, clean } = scanned()
      const database = await freshDatabase(engine)
      try {
        const stance = await estate.open(database.db)
        await estate.scan(stance, { faults: faultsOf(round) })
        expect(turned(clean, await postureOf(stance.db))).toEqual([])
      } finally {
        await database.drop()
      }
    },
  )
})
