import type { Reader } from '../db/database.ts'
import { type AccountState, readAccounts } from '../lake/accounts.ts'

export interface AccountNotRead {
  account_id: string
  state: AccountState
}

/** Those among them that are off or closed. */
export async function accountsNotRead(db: Reader, asked: readonly string[]): Promise<AccountNotRead[]> {
  if (asked.length === 0) return []
  const known = await readAccounts(db)
  return known.filter(
    ({ account_id, state }) => asked.includes(account_id) && (state === 'off' || state === 'closed'),
  )
}
