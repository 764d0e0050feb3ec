import type { Database } from '../database.ts'
import { openPostgres } from '../postgres/open-postgres.ts'

/** Logs in as the read-only role of `createReaderRole`: `set role` inside a stronger session could be undone. */
export function openReader(url: string): Promise<Database> {
  return openPostgres({ url, readOnly: true, connections: 1, limitedByRole: true })
}
