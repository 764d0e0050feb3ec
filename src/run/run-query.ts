import { StanceError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'
import { type PersonsResult, runPersonsSql } from '../db/sandbox/run-persons-sql.ts'
import { openQueryReader, queryRelations } from './open-query-reader.ts'
import type { StoreSettings } from './open-store.ts'

/** One SELECT of a person, in the sandbox: checked, printed anew, read-only, with limits. */
export async function runQuery(
  db: Database,
  store: StoreSettings,
  sql: string,
  limits: { rows: number; seconds: number; now?: Date },
): Promise<PersonsResult> {
  const relations = await queryRelations(db)
  if (relations.length === 0)
    throw new StanceError('QUERY_NO_VIEWS', 'There is nothing to query yet.', {
      next: 'Run `stance scan` first.',
    })
  const { url } = store
  return runPersonsSql(db, sql, {
    relations,
    maxRows: limits.rows,
    timeoutMs: limits.seconds * 1000,
    ...(limits.now === undefined ? {} : { now: limits.now }),
    ...(url === undefined ? {} : { login: () => openQueryReader({ ...store, url }, relations) }),
  })
}
