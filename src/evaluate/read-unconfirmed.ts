import type { Reader } from '../db/database.ts'

/** Tables of which something that is known was not confirmed, in an account or in any. */
export interface Unconfirmed {
  /** It is kept as it was since reading it failed. */
  kept: ReadonlySet<string>
  /** A scan is about to read it, or was cut off before it did: what it has read is newer. */
  awaited: ReadonlySet<string>
}

export async function readUnconfirmed(reader: Reader, account_id?: string): Promise<Unconfirmed> {
  const params = account_id === undefined ? [] : [account_id]
  const own = account_id === undefined ? '' : ' and x.account_id = $1::text'
  const tables = async (of: string, which: string) => {
    const rows = await reader.query<{ table_name: string }>(
      `select x.table_name from stance.${of} x where ${which}${own} group by x.table_name`,
      params,
    )
    return rows.map(({ table_name }) => table_name)
  }
  return {
    kept: new Set([
      ...(await tables('cell', `x.state = 'error'`)),
      ...(await tables('unread_group', `x.state = 'error' and x.in_force`)),
    ]),
    awaited: new Set(await tables('cell', 'x.awaited_since is not null')),
  }
}
