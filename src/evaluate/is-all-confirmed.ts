import type { Reader } from '../db/database.ts'

/**
 * Whether the last read of everything in an account went well, or in any where none is named: then what the lake holds and
 * what was confirmed are the same.
 */
export async function isAllConfirmed(reader: Reader, account_id?: string): Promise<boolean> {
  const params = account_id === undefined ? [] : [account_id]
  const own = account_id === undefined ? '' : ' and x.account_id = $1::text'
  const failed = [
    `select x.account_id from stance.cell x where x.state = 'error'${own} limit 1`,
    `select x.account_id from stance.unread_group x where x.state = 'error' and x.in_force${own} limit 1`,
  ]
  for (const sql of failed) if ((await reader.query(sql, params)).length > 0) return false
  return true
}
