import { tables } from '../collect/tables.generated.ts'
import { StanceError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'
import { openOwnReader } from '../db/sandbox/open-own-reader.ts'
import { openReader } from '../db/sandbox/open-reader.ts'
import { readViews } from '../db/sandbox/read-views.ts'
import { refuseStrongReader } from '../db/sandbox/refuse-strong-reader.ts'
import type { Relation } from '../db/sandbox/relation.ts'
import { buildCatalogue } from '../lake/catalogue.ts'
import { ownViewNames } from '../lake/own-views.ts'
import type { StoreSettings } from './open-store.ts'

/** Where a person's SQL runs on PostgreSQL. */
export interface QueryReader {
  reader: Database
  /** What of the role an administrator still has to do. */
  missing: readonly string[]
  close(): Promise<void>
}

/** What a person's SQL may name. */
export async function queryRelations(db: Database): Promise<Relation[]> {
  const { shapes } = buildCatalogue(tables)
  return readViews(db, [...shapes.keys(), ...ownViewNames], ['rule'])
}

/** Opens a session that logged in as a role that can only read; close it when all rows have been read. */
export async function openQueryReader(
  { url, reader_url }: StoreSettings & { url: string },
  relations: readonly Relation[],
): Promise<QueryReader> {
  const views = relations.map(({ name }) => name.replace(/^public\./, ''))
  const { reader, missing } =
    reader_url === undefined
      ? await openOwnReader(url, views)
      : { reader: await openNamed(reader_url), missing: [] }
  try {
    await refuseStrongReader(reader)
    await refuseBlindReader(reader, relations)
    return { reader, missing, close: () => reader.close() }
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** The engine's own words speak of DATABASE_URL. */
async function openNamed(url: string): Promise<Database> {
  try {
    return await openReader(url)
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    throw new StanceError('QUERY_READER_LOGIN', `\`database.reader_url\`: ${error.message}`, {
      next: error.next.replaceAll('DATABASE_URL', 'STANCE_DATABASE_READER_URL'),
      cause: error,
    })
  }
}

/** A role is shown the views that it may read, in the database that it is in. */
async function refuseBlindReader(reader: Database, relations: readonly Relation[]): Promise<void> {
  const seen = new Map((await queryRelations(reader)).map(({ name, columns }) => [name, columns.length]))
  const hidden = relations.filter(({ name, columns }) => seen.get(name) !== columns.length)
  if (hidden.length === 0) return
  throw new StanceError(
    'QUERY_READER_BLIND',
    `The login of \`database.reader_url\` cannot read ${hidden.length} of ${relations.length} views at ${reader.location}, such as ${hidden[0]?.name}.`,
    {
      next: 'See that it is the database that `database.url` names, and grant what is missing, as the user of `database.url`: grant select on all tables in schema public to <login>.',
    },
  )
}
