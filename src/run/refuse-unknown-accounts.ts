import { StanceError } from '../core/errors.ts'
import type { Discovered } from './discover-accounts.ts'

/** An account that no connection reads would read nothing and look all green: a slip of the pen, so it is an error. */
export function refuseUnknownAccounts(
  { plannable, failed, others }: Discovered,
  asked: readonly string[] | undefined,
): void {
  const [first] = failed
  if (plannable.length === 0 && first !== undefined) throw first.error
  // It may be one of those behind a connection that could not say whom it reads.
  const unknown =
    failed.length > 0
      ? undefined
      : asked?.find((id) => !plannable.some(({ account_id }) => account_id === id))
  if (unknown !== undefined) {
    const there = [...new Set([...plannable.map(({ account_id }) => account_id), ...others])].sort()
    throw new StanceError('SCAN_UNKNOWN_ACCOUNT', `No connection reads an account ${unknown}.`, {
      next: `${thereAre(there)} Name one of them, or take ${unknown} into \`connections\` in stance.yaml.`.trim(),
      details: { account_id: unknown },
    })
  }
  if (plannable.length === 0)
    throw new StanceError('SCAN_NOTHING', 'There is no account to read.', {
      next: 'Name an account that a connection reads, or look at `connections` in stance.yaml.',
    })
}

function thereAre(accounts: readonly string[]): string {
  if (accounts.length === 0) return ''
  const most = 10
  const more = accounts.length > most ? ` and ${accounts.length - most} more` : ''
  return `There ${accounts.length === 1 ? 'is' : 'are'}: ${accounts.slice(0, most).join(', ')}${more}.`
}
