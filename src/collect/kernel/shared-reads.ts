import type { Json } from '../../core/json.ts'
import type { Caller } from './call-read.ts'
import { type ListEnd, type ListedRow, type Listing, listRows } from './list-rows.ts'
import { readSource, type SourceRun } from './read-source.ts'
import { Spool } from './spool.ts'
import type { TableRegistry } from './table-registry.ts'

/** A whole listing that several cells use: the parent's own, and those listed within it. */
export interface SharedListing extends ListEnd {
  rows(): AsyncGenerator<ListedRow>
  close(): Promise<void>
}

/**
 * Reads that several cells of one scan draw on, each made once per connection, account and part: sources, and
 * listings of parents. Rows are held in memory or on disk until the account is released. Who asks again after that has
 * them read anew.
 */
export class SharedReads {
  readonly #registry: TableRegistry
  readonly directory: string
  readonly #milliseconds: number
  readonly #sources = new Map<string, Promise<SourceRun>>()
  readonly #listings = new Map<string, Promise<SharedListing>>()

  /** `directory`: where rows lie that are too many for memory. */
  constructor(registry: TableRegistry, directory: string, milliseconds = 15 * 60_000) {
    this.#registry = registry
    this.directory = directory
    this.#milliseconds = milliseconds
  }

  /** A source that serves a table: run when first asked for, on the asking cell's account of calls. */
  source(name: string, caller: Caller): Promise<SourceRun> {
    const source = this.#registry.sources.get(name)
    if (source === undefined) throw new Error(`no source is called ${name}`)
    const own = this.#patient({ ...caller, part: source.parts === 'global' ? 'global' : caller.part })
    const key = `${scopeKey(own)}/${name}`
    const known =
      this.#sources.get(key) ??
      readSource(own, source, this.#registry.itemsOf.get(name) ?? new Set(), this.directory)
    this.#sources.set(key, known)
    return known
  }

  listing(table: string, listing: Listing): Promise<SharedListing> {
    const caller = this.#patient(listing.caller)
    const key = `${scopeKey(caller)}/${table}`
    const known = this.#listings.get(key) ?? this.#list(table, { ...listing, caller })
    this.#listings.set(key, known)
    return known
  }

  /** How many reads are held, by account. */
  get held(): ReadonlyMap<string, number> {
    const held = new Map<string, number>()
    for (const key of [...this.#sources.keys(), ...this.#listings.keys()]) {
      const account = key.slice(0, key.indexOf('/'))
      held.set(account, (held.get(account) ?? 0) + 1)
    }
    return held
  }

  /** The cells of this account are over. */
  async release(accountId: string): Promise<void> {
    await this.#close((key) => key.startsWith(`${accountId}/`))
  }

  async close(): Promise<void> {
    await this.#close(() => true)
  }

  async #close(isMeant: (key: string) => boolean): Promise<void> {
    for (const all of [this.#sources, this.#listings]) {
      for (const [key, shared] of [...all]) {
        if (!isMeant(key)) continue
        all.delete(key)
        await shared.then(
          (run) => run.close(),
          () => undefined,
        )
      }
    }
  }

  /** What several cells wait for is not cut off by the budget or the end of the one that asked first. */
  #patient(caller: Caller): Caller {
    const signal = caller.shared_signal ?? caller.signal
    return { ...caller, signal, deadline: Date.now() + this.#milliseconds }
  }

  async #list(name: string, listing: Listing): Promise<SharedListing> {
    const spool = new Spool(this.directory)
    const rows = listRows(this.#registry.table(name), listing)
    try {
      for (;;) {
        const step = await rows.next()
        if (!step.done) {
          await spool.add(step.value as unknown as Json[])
          continue
        }
        return {
          ...step.value,
          async *rows() {
            for await (const chunk of spool.chunks()) for (const row of chunk) yield toRow(row)
          },
          close: () => spool.close(),
        }
      }
    } catch (error) {
      await spool.close()
      throw error
    }
  }
}

function toRow(stored: Json): ListedRow {
  const row = stored as unknown as ListedRow
  return { ...row, read_at: new Date(row.read_at) }
}

function scopeKey({ account_id, asked_account_id, connection, part }: Caller): string {
  return `${account_id}/${connection}/${asked_account_id}/${part}`
}
