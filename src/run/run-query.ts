import { tables } from '../collect/tables.generated.ts'
import { StanceError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'
import { readViews } from '../db/sandbox/read-views.ts'
import { type PersonsResult, runPersonsSql } from '../db/sandbox/run-persons-sql.ts'
import { buildCatalogue } from '../lake/catalogue.ts'

/** Views of our own beside the typed tables: what is known of accounts, cells and resources. */
export const ownViewNames = [
  'account',
  'cell',
  'coverage',
  'finding',
  'finding_event',
  'finding_history',
  'resource',
  'resource_tag',
  'resource_version',
  'rule',
  'tombstone',
] as const

/** One SELECT of a person, in the sandbox: checked, printed anew, read-only, with limits. */
export async function runQuery(
  db: Database,
  sql: string,
  limits: { rows: number; seconds: number; now?: Date },
): Promise<PersonsResult> {
  const { shapes } = buildCatalogue(tables)
  const relations = await readViews(db, [...shapes.keys(), ...ownViewNames], ['rule'])
  if (relations.length === 0)
    throw new StanceError('QUERY_NO_VIEWS', 'There is nothing to query yet.', {
      next: 'Run `stance scan` first.',
    })
  return runPersonsSql(db, sql, {
    relations,
    maxRows: limits.rows,
    timeoutMs: limits.seconds * 1000,
    ...(limits.now === undefined ? {} : { now: limits.now }),
  })
}
