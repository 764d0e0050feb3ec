import type { Reader } from '../db/database.ts'
import { type KnownResource, resourceColumns, toKnown } from './known-resource.ts'

const columns = resourceColumns.map(({ name }) => name).join(', ')

/** One resource with its document. */
export async function getResource(
  db: Reader,
  accountId: string,
  key: string,
): Promise<KnownResource | undefined> {
  const rows = await db.query(
    `select ${columns} from stance.resource where account_id = $1 and resource_key = $2`,
    [accountId, key],
  )
  return rows[0] === undefined ? undefined : toKnown(rows[0])
}
