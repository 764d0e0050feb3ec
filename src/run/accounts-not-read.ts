import type { Reader } from '../db/database.ts'
import { type AccountState, readAccounts } from '../lake/accounts.ts'

/** Those among them that are off or closed. */
export async function accountsNotRead(
  db: Reader,
  asked: readonly string[],
): Promise<{ account_id: string; state: AccountState }[]> {
  if (asked.length === 0) return []
  const known = await readAccounts(db)
  return known.filter(
    ({ account_id, state }) => asked.includes(account_id) && (state === 'off' || state === 'closed'),
  )
}
