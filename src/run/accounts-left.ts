import type { Reader } from '../db/database.ts'
import { type KnownAccount, readAccounts } from '../lake/accounts.ts'
import type { LakeCatalogue } from '../lake/catalogue.ts'
import type { ConnectionSettings } from './run-settings.ts'

/** An account that is known and that no connection reads now: what was read of it stands until it is too old. */
export interface AccountLeft {
  account_id: string
  /** When anything of it was read last. */
  read_at: Date
}

/** Those of which something was read. */
export async function readOfLeft(db: Reader, ids: readonly string[]): Promise<AccountLeft[]> {
  if (ids.length === 0) return []
  return db.query<AccountLeft>(
    `select c.account_id, max(c.ok_at) as read_at from stance.cell c
     where c.account_id = any($1::text[]) and c.ok_at is not null
     group by c.account_id order by c.account_id nulls last`,
    [ids],
  )
}

/**
 * All that are there of which anything was ever read. One that was off or closed has no cell that says so: what was read
 * of it is history. Rows that the planner makes by itself were not read.
 */
export async function accountsRead(db: Reader, { tables }: LakeCatalogue): Promise<Set<string>> {
  const rows = await db.query<{ account_id: string }>(
    'select c.account_id from stance.cell c where c.ok_at is not null group by c.account_id',
  )
  const read = new Set(rows.map(({ account_id }) => account_id))
  const planned = [...tables].flatMap(([name, { declared }]) =>
    declared.planned === undefined ? [] : [name],
  )
  const known = (await readAccounts(db)).filter(isThere)
  for (const [table, isOfRead, params] of [
    ['coverage_history', "h.resource_key = '' and h.state = 'ok'", []],
    ['tombstone', 'h.table_name <> all($2::text[])', [planned]],
    ['resource_version', 'h.table_name <> all($2::text[])', [planned]],
  ] as const) {
    const others = known.flatMap(({ account_id }) => (read.has(account_id) ? [] : [account_id]))
    if (others.length === 0) break
    const found = await db.query<{ account_id: string }>(
      `select h.account_id from stance.${table} h where h.account_id = any($1::text[]) and ${isOfRead}
       group by h.account_id`,
      [others, ...params],
    )
    for (const { account_id } of found) read.add(account_id)
  }
  return read
}

/**
 * Accounts that are known and that no connection reads now: as the last scan found it, and, where no connection finds
 * accounts by itself, as settings say already.
 */
export async function accountsLeft(
  db: Reader,
  known: readonly KnownAccount[],
  connections: readonly ConnectionSettings[],
): Promise<string[]> {
  const listed = new Set(
    connections.flatMap(({ accounts, off_accounts }) => [
      ...(accounts === 'automatic' ? [] : accounts),
      ...off_accounts,
    ]),
  )
  const found = await db.query<{ account_id: string }>(
    "select c.account_id from stance.cell c where c.code = 'ACCOUNT_LEFT' group by c.account_id",
  )
  const isTold = connections.length > 0 && connections.every(({ accounts }) => accounts !== 'automatic')
  const candidates = [...(isTold ? known.filter(isThere) : []), ...found]
  return [...new Set(candidates.map(({ account_id }) => account_id))].filter((id) => !listed.has(id))
}

/** One that is off or closed has nothing that could stand. */
export function isThere({ kind, state }: KnownAccount): boolean {
  return kind === 'account' && (state === 'active' || state === 'unlisted')
}

const mostNamed = 4

/** What stands of them, and how to let it go; '' where there are none. */
export function tellLeft(left: readonly AccountLeft[]): { said: string; next: string } | undefined {
  if (left.length === 0) return undefined
  const names = left.slice(0, mostNamed).map(({ account_id }) => account_id)
  const more = left.length > mostNamed ? ` and ${left.length - mostNamed} more` : ''
  const latest = new Date(Math.max(...left.map(({ read_at }) => read_at.getTime())))
  const when = latest.toISOString().slice(0, 16).replace('T', ' ')
  const [them, their] = left.length === 1 ? ['it', 'its'] : ['them', 'their']
  return {
    said: `No connection reads ${names.join(', ')}${more} now: what was read of ${them} until ${when} UTC stands and is counted until it is too old (\`collect.stale_after\`), then it is unknown.`,
    next: `Name ${them} in \`accounts\` of a connection to read ${them}, or in \`off_accounts\`: then ${their} findings close.`,
  }
}
