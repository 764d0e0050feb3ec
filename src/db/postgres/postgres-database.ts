import type { Pool, PoolClient } from 'pg'
import { StanceError } from '../../core/errors.ts'
import type { Database, EngineName, Param, Row, Transaction, TransactionOptions } from '../database.ts'
import { retryConflicts } from '../retry.ts'
import { isPostgresConflict, toPostgresError } from './postgres-errors.ts'
import { beginPostgres, runPostgresTransaction, runStatement } from './postgres-transaction.ts'

interface Held {
  client: PoolClient
  /** Why the session ended while nobody asked it anything: whoever asks it next hears only that it is gone. */
  ended(): unknown
  release(): void
}

export class PostgresDatabase implements Database {
  readonly engine: EngineName
  readonly location: string
  readonly readOnly: boolean
  readonly #pool: Pool
  #closed = false

  constructor(pool: Pool, engine: EngineName, location: string, readOnly: boolean) {
    this.#pool = pool
    this.engine = engine
    this.location = location
    this.readOnly = readOnly
  }

  /** Sessions are read-only unless a transaction says otherwise, so a write here is refused by the server. */
  async query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]> {
    return this.#connected(async (client) => {
      try {
        return (await runStatement(client, sql, params)).rows as T[]
      } catch (error) {
        throw toPostgresError(error, this.location)
      }
    })
  }

  async *stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]> {
    const held = await this.#acquire()
    try {
      const tx = await beginPostgres(held.client, this.engine, this.location, { readOnly: true })
      try {
        yield* tx.stream<T>(sql, params)
      } finally {
        await tx.finish()
        await held.client.query('rollback').catch(() => undefined)
      }
    } finally {
      held.release()
    }
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (this.readOnly && !options.readOnly) {
      throw new StanceError('DB_READ_ONLY', `The database ${this.location} was opened for reading only.`, {
        next: 'Open it for writing, or ask for a read-only transaction.',
      })
    }
    return retryConflicts(
      () =>
        this.#connected((client) =>
          runPostgresTransaction(client, this.engine, this.location, work, options),
        ),
      isPostgresConflict,
    )
  }

  /** For `compact`: outside a transaction, where alone VACUUM runs. */
  async vacuum(): Promise<{ before: number; after: number }> {
    return this.#connected(async (client) => {
      const size = async () => {
        const { rows } = await runStatement(client, 'select pg_database_size(current_database()) as size')
        return rows[0]!.size as number
      }
      try {
        await client.query('set default_transaction_read_only = off')
        const before = await size()
        await client.query('vacuum (analyze)')
        return { before, after: await size() }
      } catch (error) {
        throw toPostgresError(error, this.location)
      } finally {
        await client.query('set default_transaction_read_only = on').catch(() => undefined)
      }
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#pool.end()
  }

  async #connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const held = await this.#acquire()
    try {
      return await work(held.client)
    } catch (error) {
      throw held.ended() ?? error
    } finally {
      held.release()
    }
  }

  async #acquire(): Promise<Held> {
    if (this.#closed) {
      throw new StanceError('DB_CLOSED', `The database ${this.location} has been closed.`, {
        next: 'Open it again.',
      })
    }
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw toPostgresError(error, this.location)
    }
    // A session that dies while nobody waits for it would end the process.
    let broken: Error | undefined
    const onError = (error: Error) => {
      broken ??= error
    }
    client.on('error', onError)
    return {
      client,
      ended: () => (broken === undefined ? undefined : toPostgresError(broken, this.location)),
      release() {
        client.off('error', onError)
        client.release(broken)
      },
    }
  }
}
