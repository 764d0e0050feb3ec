import { tables } from '../collect/tables.generated.ts'
import { StanceError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'
import { readMigrations } from '../db/migration-files.ts'
import { factColumns } from '../evaluate/fact-columns.ts'
import { buildCatalogue, type FactColumn } from '../lake/catalogue.ts'
import { lacksOfLake } from '../lake/lacks-of-lake.ts'
import { shippedFacts } from './shipped-files.ts'

/** What reads must find the tables that it knows; only what writes brings them up to date. */
export async function refuseOlderStore(db: Database): Promise<void> {
  const rows = await db.query<{ name: string }>('select name from stance.migration')
  const done = new Set(rows.map(({ name }) => name))
  if (readMigrations().every(({ name }) => done.has(name))) return
  throw new StanceError('STORE_OLDER', `The data in ${db.location} is that of an older Stance.`, {
    next: 'Run `stance migrate` (no cloud is asked), or `stance scan`: they bring the database up to date, and copy a database file first.',
  })
}

/**
 * Typed tables and views grow without a migration. How rows are made of documents may be another too; that stands in
 * no read's way, and the next scan sees to it.
 */
export async function refuseOlderLake(db: Database): Promise<void> {
  const facts = (await factColumns(shippedFacts)).map((fact): FactColumn => {
    return { ...fact, type: 'boolean', title: '' }
  })
  const lacking = await lacksOfLake(db, buildCatalogue(tables, facts))
  if (lacking === undefined) return
  throw new StanceError(
    'STORE_OLDER',
    `The data in ${db.location} is that of an older Stance: ${lacking} is new, and not in it yet.`,
    {
      next: 'Run `stance migrate` (no cloud is asked), or `stance scan`: they add what is missing.',
    },
  )
}
