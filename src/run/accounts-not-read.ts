import type { Reader } from '../db/database.ts'
import { type AccountState, readAccounts } from '../lake/accounts.ts'

export interface AccountNotRead {
  account_id: string
  state: AccountState
}

/** Those among them that are off or closed; where nobody asked for one, all, if none is on. */
export async function accountsNotRead(
  db: Reader,
  asked: readonly string[] | undefined,
): Promise<AccountNotRead[]> {
  const known = (await readAccounts(db)).filter(({ kind }) => kind === 'account')
  const off = known.filter(({ state }) => state === 'off' || state === 'closed')
  if (asked === undefined) return off.length === known.length ? off : []
  return off.filter(({ account_id }) => asked.includes(account_id))
}
