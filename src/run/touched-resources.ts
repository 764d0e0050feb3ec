import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { type AuditEvent, resolveEvent, type TouchedResource } from '../collect/kernel/resolve-event.ts'
import { type KnownAccount, readAccounts } from '../lake/accounts.ts'
import { type CellRow, readCells } from '../lake/cell-row.ts'
import type { Stance } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

/** A resource that events have touched, once, with the latest of them. */
export interface Touched extends TouchedResource {
  /** What the same event touched in the table that this one is listed within. */
  parent_id?: string
}

/** Why a touched resource is not read. */
export type Passed =
  /** Its account is not in the tree, or no connection of these settings reads it. */
  | 'account_unknown'
  /** Its account is switched off or closed. */
  | 'account_off'
  /** No scan has read the table there yet: a single row would pass for all there is. */
  | 'never_scanned'
  /** Configuration leaves the table's part out. */
  | 'excluded'

/** Each resource once, however many events speak of it. */
export function touchedBy({ registry }: Stance, events: readonly AuditEvent[]): Touched[] {
  const tables = [...registry.tables.values()]
  const found = new Map<string, Touched>()
  for (const event of events) {
    const own = resolveEvent(tables, event)
    for (const one of own) {
      const { within } = registry.table(one.table).list
      const parent_id = own.find(({ table }) => table === within)?.native_id
      const key = [one.account_id, one.table, one.part, one.native_id].join('\0')
      const before = found.get(key)
      if (before !== undefined && before.happened_at > one.happened_at) continue
      found.set(key, { ...before, ...one, ...(parent_id === undefined ? {} : { parent_id }) })
    }
  }
  return [...found.values()]
}

/** Where touched resources are read: through which connection, in which cell; or why they are not. */
export class Places {
  readonly #stance: Stance
  readonly #connections: ReadonlySet<string>
  readonly #accounts: ReadonlyMap<string, KnownAccount>
  readonly #cells = new Map<string, Promise<Map<string, CellRow>>>()

  static async open(stance: Stance, settings: RunSettings): Promise<Places> {
    return new Places(stance, settings, await readAccounts(stance.db))
  }

  private constructor(stance: Stance, settings: RunSettings, accounts: readonly KnownAccount[]) {
    this.#stance = stance
    this.#connections = new Set(settings.connections.map(({ name }) => name))
    this.#accounts = new Map(accounts.map((account) => [account.account_id, account]))
  }

  async of({ account_id, table, part }: TouchedResource): Promise<PlannedCell | Passed> {
    const account = this.#accounts.get(account_id)
    if (account === undefined || !this.#connections.has(account.connection)) return 'account_unknown'
    if (account.state === 'off' || account.state === 'closed') return 'account_off'
    const ownsTable = this.#stance.registry.table(table).belongs_to === 'organization'
    const owner = ownsTable ? this.#organizationOf(account) : account
    if (owner === undefined) return 'account_unknown'
    const cell = (await this.#cellsOf(owner.account_id)).get(`${table} ${part}`)
    if (cell === undefined) return 'never_scanned'
    if (cell.state === 'excluded') return 'excluded'
    if (cell.attempted_at === null) return 'never_scanned'
    return {
      account_id: owner.account_id,
      table,
      part,
      connection: account.connection,
      partition: account.cloud_partition,
      region_status: 'opted in',
      ...(ownsTable ? { askers: [{ connection: account.connection, account_id }] } : {}),
    }
  }

  #organizationOf(account: KnownAccount): KnownAccount | undefined {
    const seen = new Set<string>()
    for (let at: KnownAccount | undefined = account; at !== undefined && !seen.has(at.account_id); ) {
      if (at.kind === 'organization') return at
      seen.add(at.account_id)
      at = this.#accounts.get(at.parent_id)
    }
    return undefined
  }

  #cellsOf(accountId: string): Promise<Map<string, CellRow>> {
    const known =
      this.#cells.get(accountId) ??
      readCells(this.#stance.db, accountId).then(
        (cells) => new Map(cells.map((cell) => [`${cell.table} ${cell.part}`, cell])),
      )
    this.#cells.set(accountId, known)
    return known
  }
}
