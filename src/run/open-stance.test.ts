import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { plainSettings } from '../../test/setup/plain-settings.ts'
import { freshDatabase, longest, testEngines } from '../../test/setup/test-database.ts'
import { systemClock } from '../core/clock.ts'
import { openStance } from './open-stance.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-open-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

// One process owns DuckDB's file.
it.each(testEngines().filter((engine) => engine !== 'duckdb'))(
  'several workers may open a store at once that nothing was ever in: %s',
  async (engine) => {
    const settings = plainSettings(directory)
    for (let round = 0; round < 2; round++) {
      const database = await freshDatabase(engine)
      try {
        await database.db.transaction(async (tx) => {
          for (const schema of ['lake', 'stance']) await tx.run(`drop schema ${schema} cascade`)
        })
        const opened = await Promise.all(
          [1, 2].map(async () => openStance(await database.open(), { settings, clock: systemClock })),
        )
        const views = await database.db.query<{ n: number }>(
          `select count(*) as n from information_schema.views where table_schema = 'public' and table_name like 'aws\\_%'`,
        )
        expect(views).toEqual([{ n: opened[0]?.catalogue.shapes.size }])
      } finally {
        await database.drop()
      }
    }
  },
  longest,
)
