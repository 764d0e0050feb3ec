import type { Reader } from '../../src/db/database.ts'

export interface KnownDocument {
  account_id: string
  table_name: string
  resource_key: string
  name: string
  region: string
  owner_account_id: string
  /** Of the content, and of the row that it gives. */
  hash: string
  row_hash: string
}

/** All resources with what their documents say, times apart. */
export function documentsOf(db: Reader): Promise<KnownDocument[]> {
  return db.query<KnownDocument>(
    `select account_id, table_name, resource_key, name, region, owner_account_id, hash, row_hash from stance.resource
     order by account_id nulls last, resource_key nulls last`,
  )
}
