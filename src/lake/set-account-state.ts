import type { Database, Transaction } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { type AccountState, neverRead } from './accounts.ts'
import { type LakeCatalogue, lakeTable } from './catalogue.ts'
import { closeCellInterval, readCells } from './cell-row.ts'
import type { Failure } from './collected.ts'
import { type DeletionReason, deleteResources } from './delete-resources.ts'
import { deriveFrom, type WriteOptions } from './open-cell-write.ts'
import { type Decided, isReadSince } from './read-since.ts'
import { KeyList } from './tally.ts'
import { unreadCells } from './unread-cells.ts'

type Options = Pick<WriteOptions, 'clock' | 'derive'> & Decided

const unlisted: Failure = {
  code: 'ACCOUNT_UNLISTED',
  message: 'The account is no longer listed by the organization, and nothing says that it was closed.',
  next: 'Look where the account went; connect it by itself, or switch it off here.',
}

/**
 *   active    its cells are read; what they were before stays until they are
 *   off       a person's choice: resources leave with a tombstone, history stays; switched on again they return
 *   closed    the provider's own word: likewise
 *   unlisted  merely not listed any more: rows stay, nothing of it is in force
 *   never_read  on its way out, see `forgetAccount`
 *
 * Safe to repeat: the state is written first, so what a killed process left undone is done by the next call.
 */
export async function setAccountState(
  db: Database,
  catalogue: LakeCatalogue,
  accountId: string,
  state: AccountState | typeof neverRead,
  options: Options,
): Promise<void> {
  const now = options.clock.now()
  await db.transaction(
    (tx) =>
      tx.run('update stance.account set state = $2, state_since = $3 where account_id = $1 and state <> $2', [
        accountId,
        state,
        now,
      ]),
    { label: 'account state' },
  )
  if (state === 'off' || state === 'closed') await emptyAccount(db, catalogue, accountId, state, options)
  if (state === neverRead) await emptyAccount(db, catalogue, accountId, 'gone', options)
  if (state === 'unlisted') {
    await unreadAccount(db, catalogue, accountId, { state: 'not_collected', failure: unlisted }, options)
  }
}

/**
 * An account of which nothing was ever read, and that nobody names any more: what stood for it leaves, and it is known no
 * longer. Safe to repeat.
 */
export async function forgetAccount(
  db: Database,
  catalogue: LakeCatalogue,
  accountId: string,
  options: Options,
): Promise<void> {
  await setAccountState(db, catalogue, accountId, neverRead, options)
  await db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      // Another scan entered it meanwhile.
      const cells = await tx.query('select 1 from stance.cell where account_id = $1::text limit 1', [
        accountId,
      ])
      if (cells.length > 0) {
        await tx.run(
          "update stance.account set state = 'active', state_since = $3 where account_id = $1 and state = $2",
          [accountId, neverRead, options.clock.now()],
        )
        return
      }
      for (const table of ['tombstone', 'account'])
        await tx.run(`delete from stance.${table} where account_id = $1::text`, [accountId])
    },
    { label: `forget ${accountId}` },
  )
}

/**
 * The account could not be entered, or is not listed: none of its content is in force any more. `except` names
 * cells that say so themselves (the account's own); `only`: parts of tables, where not all of it was asked for. What
 * configuration leaves out stays left out.
 */
export async function unreadAccount(
  db: Database,
  catalogue: LakeCatalogue,
  accountId: string,
  why: {
    state: 'denied' | 'not_collected'
    failure: Failure
    except?: readonly string[]
    only?: ReadonlyMap<string, readonly string[]>
  },
  options: Options,
): Promise<void> {
  const { state, failure, except = [], only } = why
  for (const table of await tablesOf(db, accountId)) {
    const parts = only?.get(table)
    if (except.includes(table) || (only !== undefined && parts === undefined)) continue
    const place = { account_id: accountId, table, ...(parts === undefined ? {} : { parts }) }
    await db.transaction(
      async (tx) => {
        await takeTurn(tx, accountId)
        if (await isReadSince(tx, { account_id: accountId, table }, options)) return
        const touched = new KeyList()
        const now = options.clock.now()
        const changed = await unreadCells(
          tx,
          catalogue,
          { ...place, state, failure, keepExcluded: true, now },
          touched,
        )
        const id = { account_id: accountId, table, part: '*' }
        const change = { touched: touched.list(), gone: [], cell_changed: changed > 0 }
        await deriveFrom(tx, options.derive, id, change)
      },
      { label: `unread ${accountId}` },
    )
  }
}

async function tablesOf(db: Database, accountId: string): Promise<string[]> {
  const rows = await db.query<{ table_name: string }>(
    'select table_name from stance.cell where account_id = $1 group by table_name order by table_name nulls last',
    [accountId],
  )
  return rows.map(({ table_name }) => table_name)
}

async function emptyAccount(
  db: Database,
  catalogue: LakeCatalogue,
  accountId: string,
  reason: DeletionReason,
  options: Options,
): Promise<void> {
  const rows = await db.query<{ table_name: string }>(
    'select table_name from stance.resource where account_id = $1 group by table_name',
    [accountId],
  )
  const tables = new Set([...rows.map(({ table_name }) => table_name), ...(await tablesOf(db, accountId))])
  for (const table of [...tables].sort()) {
    await db.transaction(
      async (tx) => {
        await takeTurn(tx, accountId)
        if (await isReadSince(tx, { account_id: accountId, table }, options)) return
        await emptyTable(tx, catalogue, accountId, table, reason, options.clock.now())
        const id = { account_id: accountId, table, part: '*' }
        await deriveFrom(tx, options.derive, id, { touched: [], gone: 'all', cell_changed: true })
      },
      { label: `${reason} ${accountId}` },
    )
  }
}

const keysPerTurn = 5_000

async function emptyTable(
  tx: Transaction,
  catalogue: LakeCatalogue,
  accountId: string,
  table: string,
  reason: DeletionReason,
  now: Date,
): Promise<void> {
  for (;;) {
    const rows = await tx.query<{ resource_key: string }>(
      `select resource_key from stance.resource where account_id = $1 and table_name = $2 limit ${keysPerTurn}`,
      [accountId, table],
    )
    if (rows.length === 0) break
    const keys = rows.map(({ resource_key }) => resource_key)
    await deleteResources(tx, lakeTable(catalogue, table), accountId, keys, { reason, now, readAt: now })
  }
  for (const cell of (await readCells(tx, accountId)).filter((one) => one.table === table)) {
    await closeCellInterval(tx, cell, now)
  }
  await tx.run('delete from stance.cell where account_id = $1 and table_name = $2', [accountId, table])
}
