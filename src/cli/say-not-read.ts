import { type AccountNotRead, accountsNotRead } from '../run/accounts-not-read.ts'
import type { Screen } from './screen/screen.ts'

export function sayNotRead({ account_id, state }: AccountNotRead): string {
  return state === 'off'
    ? `${account_id} is switched off (\`off_accounts\`): nothing of it is read.`
    : `${account_id} is closed, as its provider says: nothing of it is read.`
}

/** Where nothing fits: accounts that were asked for and of which nothing is read. */
export async function printNotRead(
  out: Screen,
  db: Parameters<typeof accountsNotRead>[0],
  accounts: readonly string[] | undefined,
): Promise<void> {
  for (const one of await accountsNotRead(db, accounts ?? [])) out.prose(sayNotRead(one))
}
