import { type AccountNotRead, accountsNotRead } from '../run/accounts-not-read.ts'
import type { Screen } from './screen/screen.ts'

export function sayNotRead({ account_id, state }: AccountNotRead): string {
  return state === 'off'
    ? `${account_id} is switched off (\`off_accounts\`): nothing of it is read.`
    : `${account_id} is closed, as its provider says: nothing of it is read.`
}

/** Of a scan that has no account to read. */
export function sayNoneOn(off: readonly string[]): string {
  const shown = off.slice(0, 4).join(', ')
  const more = off.length > 4 ? ` and ${off.length - 4} more` : ''
  return `no account is left to read: ${shown}${more} ${off.length === 1 ? 'is' : 'are'} off (\`off_accounts\`) or closed`
}

/** Where nothing fits: accounts that were asked for and of which nothing is read; where nobody asked for one, all if none is read. */
export async function printNotRead(
  out: Screen,
  db: Parameters<typeof accountsNotRead>[0],
  accounts: readonly string[] | undefined,
): Promise<void> {
  for (const one of await accountsNotRead(db, accounts)) out.prose(sayNotRead(one))
}
