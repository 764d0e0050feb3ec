import type { DuckDBConnection } from '@duckdb/node-api'
import { StanceError } from '../../core/errors.ts'
import type { LoadTarget, Param, Row, Transaction, TransactionOptions, Value } from '../database.ts'
import { swallowedFailure, TransactionGate } from '../transaction-gate.ts'
import { toDuckError } from './duckdb-errors.ts'
import { catalog } from './duckdb-instance.ts'
import { type KnownShapes, loadByAppender } from './duckdb-load.ts'
import { DuckSession } from './duckdb-session.ts'
import { endInTime } from './end-in-time.ts'

/** Takes a libuv thread for as long as the work runs. */
export type TakeThread = <T>(work: () => Promise<T>) => Promise<T>

export async function runDuckTransaction<T>(
  connection: DuckDBConnection,
  location: string,
  shapes: KnownShapes,
  take: TakeThread,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const tx = new DuckTransaction(connection, location, shapes, take, options)
  await connection.run(options.readOnly ? 'begin transaction read only' : 'begin transaction')
  let result: T
  try {
    result = await work(tx)
  } catch (error) {
    await tx.finish()
    await rollback(connection, shapes)
    throw error
  }
  await tx.finish()
  if (tx.failure !== undefined) {
    await rollback(connection, shapes)
    throw swallowedFailure(tx.failure, options.label)
  }
  try {
    await connection.run('commit')
  } catch (error) {
    await rollback(connection, shapes)
    throw toDuckError(error, location)
  }
  return result
}

async function rollback(connection: DuckDBConnection, shapes: KnownShapes): Promise<void> {
  // Tables that were made or changed are as they were.
  shapes.clear()
  // After a failed commit there is none left to roll back.
  await connection.run('rollback').catch(() => undefined)
}

class DuckTransaction implements Transaction {
  readonly engine = 'duckdb'
  readonly #gate = new TransactionGate()
  readonly #session: DuckSession
  readonly #location: string
  readonly #shapes: KnownShapes
  readonly #take: TakeThread
  readonly #options: TransactionOptions

  constructor(
    connection: DuckDBConnection,
    location: string,
    shapes: KnownShapes,
    take: TakeThread,
    options: TransactionOptions,
  ) {
    this.#session = new DuckSession(connection, location, () => shapes.clear())
    this.#location = location
    this.#shapes = shapes
    this.#take = take
    this.#options = options
  }

  get failure(): unknown {
    return this.#gate.failure
  }

  async finish(): Promise<void> {
    await this.#gate.end()
    this.#session.abandon()
  }

  query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]> {
    return this.#statement(() => this.#session.query(sql, params, !this.#options.readOnly)) as Promise<T[]>
  }

  run(sql: string, params?: readonly Param[]): Promise<number> {
    if (this.#options.readOnly) return this.#statement(async () => this.#refuseWrite())
    return this.#statement(() => this.#session.run(sql, params))
  }

  async *stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]> {
    const next = await this.#statement(() => this.#session.open(sql, params, !this.#options.readOnly))
    for (;;) {
      const rows = await this.#statement(next)
      if (!rows) return
      yield rows as T[]
    }
  }

  load(
    target: LoadTarget,
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
  ): Promise<number> {
    return this.#gate.load(async () => {
      if (this.#options.readOnly) this.#refuseWrite()
      try {
        await this.#session.settle()
        return await loadByAppender(this.#session.connection, catalog, this.#shapes, target, rows)
      } catch (error) {
        throw toDuckError(error, this.#location)
      }
    })
  }

  #statement<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.statement(() =>
      this.#take(() => endInTime(this.#session.connection, this.#options.statementTimeoutMs, work)),
    )
  }

  #refuseWrite(): never {
    throw new StanceError('DB_READ_ONLY', 'A statement wanted to write where only reading is allowed.', {
      next: 'Write in a transaction that is not read-only.',
    })
  }
}
