import type { PlannableAccount, PlannedScope, Way } from '../collect/kernel/plan-cells.ts'
import type { StanceError } from '../core/errors.ts'
import { notAsked } from './not-entered.ts'
import type { ConnectionSettings } from './run-settings.ts'

/** A connection that could not say who it is. */
interface Nameless {
  connection: ConnectionSettings
  error: StanceError
}

/**
 * Several connections may read one account. What belongs to no region is read through the first that can enter it; each
 * region through the first that can and whose `regions` take it (see `wayOf`). One that has it off, or knows it as closed,
 * does not read it: the others do, and only where there is no other it is off.
 */
export function throughOne(
  all: readonly PlannableAccount[],
  nameless: readonly Nameless[],
): PlannableAccount[] {
  return [...Map.groupBy(all, ({ account_id }) => account_id).values()].map((found) => {
    const reading = found.filter(isOn)
    const entered = reading.find(({ not_entered }) => not_entered === undefined)
    const account = entered ?? reading[0] ?? found[0]!
    if (account.kind !== 'account' || !isOn(account)) return account
    const others = reading.filter((one) => one !== account && one.connection !== account.connection)
    const seen = new Set(found.map(({ connection }) => connection))
    const mute = nameless.filter(
      ({ connection }) => !seen.has(connection.name) && mayRead(connection, account),
    )
    if (others.length + mute.length === 0) return account
    const ways = [
      ...[account, ...others].map(toWay),
      ...mute.map(({ connection, error }): Way => {
        const isGuess = connection.accounts === 'automatic'
        return { connection: connection.name, isGuess, ...notAsked(error, connection) }
      }),
    ]
    return { ...account, ways }
  })
}

/** Whether the connection reads it. */
export function isOn({ state }: PlannableAccount): boolean {
  return state !== 'off' && state !== 'closed'
}

function toWay({ connection, not_entered, no_answer }: PlannableAccount): Way {
  return {
    connection,
    ...(not_entered === undefined ? {} : { not_entered }),
    ...(no_answer === undefined ? {} : { no_answer }),
  }
}

function mayRead({ accounts, off_accounts }: ConnectionSettings, { account_id }: PlannableAccount): boolean {
  if (off_accounts.includes(account_id)) return false
  return accounts === 'automatic' || accounts.includes(account_id)
}

/**
 * The way in to a region: the first that takes it and can enter; else one that takes it and cannot, so that what was read
 * through it grows old, and is not left out. `isRead`: something of it was read before.
 */
export function wayOf(
  { ways, connection }: PlannableAccount,
  { part, table }: PlannedScope,
  regionsOf: (connection: string) => ConnectionSettings['regions'] | undefined,
  isRead: () => boolean,
): Way | undefined {
  if (ways === undefined || table.parts !== 'region') return undefined
  const takes = (way: Way) => {
    const regions = regionsOf(way.connection)
    return regions === undefined
      ? way.connection === connection
      : regions === 'automatic' || regions.includes(part)
  }
  const taking = ways.filter(takes)
  const entered = taking.find(({ not_entered }) => not_entered === undefined)
  return entered ?? taking.find(({ isGuess }) => isGuess !== true) ?? (isRead() ? taking[0] : undefined)
}
