import type { Database, Reader, Row } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'

export type AccountState = 'active' | 'off' | 'closed' | 'unlisted'
/** On its way out, see `forgetAccount`: stays only where a process was killed under it, and is read as active. */
export const neverRead = 'never_read'

/** What is known of an account beside its state: a row of `stance.account`. */
export interface Account {
  account_id: string
  provider: string
  kind: string
  name: string
  /** '' at the top. */
  parent_id: string
  cloud_partition: string
  connection: string
  aliases: string[]
  tags: Record<string, string>
}

export interface KnownAccount extends Account {
  state: AccountState
  state_since: Date
  first_seen: Date
}

const target = loadTarget('stance.account', {
  account_id: 'text',
  provider: 'text',
  kind: 'text',
  name: 'text',
  parent_id: 'text',
  cloud_partition: 'text',
  connection: 'text',
  aliases: 'json',
  tags: 'json',
  state: 'text',
  state_since: 'timestamptz',
  first_seen: 'timestamptz',
})
const columns = target.columns.map(({ name }) => name).join(', ')

/** Writes the tree as it was listed. States stay as they are; new accounts are active. */
export function saveAccounts(db: Database, accounts: readonly Account[], now: Date): Promise<void> {
  return db.transaction(
    async (tx) => {
      const known = new Map((await readAccounts(tx)).map((account) => [account.account_id, account]))
      const changed = accounts.filter((account) => !isSame(account, known.get(account.account_id)))
      if (changed.length === 0) return
      await tx.run('delete from stance.account where account_id = any($1::text[])', [
        changed.map(({ account_id }) => account_id),
      ])
      await tx.load(
        target,
        changed.map((account) => {
          const before = known.get(account.account_id)
          const { account_id, provider, kind, name, parent_id, cloud_partition, connection } = account
          return [
            ...[account_id, provider, kind, name, parent_id, cloud_partition, connection],
            JSON.stringify(account.aliases),
            JSON.stringify(account.tags),
            before?.state ?? 'active',
            before?.state_since ?? now,
            before?.first_seen ?? now,
          ]
        }),
      )
    },
    { label: 'accounts' },
  )
}

export async function readAccounts(db: Reader): Promise<KnownAccount[]> {
  const rows = await db.query(`select ${columns} from stance.account order by account_id nulls last`)
  return rows.map((row: Row) => {
    const { aliases, tags, state, ...rest } = row
    return {
      ...rest,
      state: state === neverRead ? 'active' : state,
      aliases: JSON.parse(String(aliases)),
      tags: JSON.parse(String(tags)),
    } as unknown as KnownAccount
  })
}

function isSame(account: Account, known: KnownAccount | undefined): boolean {
  if (known === undefined) return false
  const { state: _, state_since: __, first_seen: ___, ...before } = known
  return (Object.keys(account) as (keyof Account)[]).every((name) => {
    return JSON.stringify(account[name]) === JSON.stringify(before[name])
  })
}
