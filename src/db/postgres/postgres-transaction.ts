import type { PoolClient } from 'pg'
import { StanceError } from '../../core/errors.ts'
import type {
  EngineName,
  LoadTarget,
  Param,
  Row,
  Transaction,
  TransactionOptions,
  Value,
} from '../database.ts'
import { reportStatement } from '../statement-log.ts'
import { swallowedFailure, TransactionGate } from '../transaction-gate.ts'
import { toPostgresError } from './postgres-errors.ts'
import { loadByCopy } from './postgres-load.ts'
import { toPostgresParam } from './postgres-values.ts'

const rowsPerFetch = 1_000

/** Extended protocol always: it refuses several statements in one string. */
export async function runStatement(
  client: PoolClient,
  sql: string,
  params: readonly Param[] = [],
): Promise<{ rows: Row[]; count: number }> {
  const result = await client.query({
    text: sql,
    values: params.map(toPostgresParam),
    queryMode: 'extended',
  } as {
    text: string
    values: unknown[]
  })
  reportStatement(sql)
  return { rows: result.rows as Row[], count: result.rowCount ?? 0 }
}

/**
 * Read-only transactions see one moment (repeatable read), as DuckDB's do. Writing ones are read committed:
 * repeatable read would make every `on conflict` of two workers a serialisation failure.
 */
export async function beginPostgres(
  client: PoolClient,
  engine: EngineName,
  location: string,
  options: TransactionOptions,
): Promise<PostgresTransaction> {
  const mode = options.readOnly ? 'repeatable read read only' : 'read committed read write'
  try {
    await client.query(`begin isolation level ${mode}`)
    if (options.statementTimeoutMs !== undefined) {
      await client.query(
        `set local statement_timeout = ${Math.max(1, Math.ceil(options.statementTimeoutMs))}`,
      )
    }
  } catch (error) {
    throw toPostgresError(error, location)
  }
  return new PostgresTransaction(client, engine, location, options)
}

export async function runPostgresTransaction<T>(
  client: PoolClient,
  engine: EngineName,
  location: string,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const tx = await beginPostgres(client, engine, location, options)
  let result: T
  try {
    result = await work(tx)
  } catch (error) {
    await tx.finish()
    await client.query('rollback').catch(() => undefined)
    throw error
  }
  await tx.finish()
  if (tx.failure !== undefined) {
    await client.query('rollback').catch(() => undefined)
    throw swallowedFailure(tx.failure, options.label)
  }
  try {
    await client.query('commit')
  } catch (error) {
    throw toPostgresError(error, location)
  }
  return result
}

export class PostgresTransaction implements Transaction {
  readonly engine: EngineName
  readonly #gate = new TransactionGate()
  readonly #client: PoolClient
  readonly #location: string
  readonly #options: TransactionOptions
  #cursors = 0

  constructor(client: PoolClient, engine: EngineName, location: string, options: TransactionOptions) {
    this.engine = engine
    this.#client = client
    this.#location = location
    this.#options = options
  }

  get failure(): unknown {
    return this.#gate.failure
  }

  finish(): Promise<void> {
    return this.#gate.end()
  }

  async query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]> {
    const { rows } = await this.#statement(sql, params)
    return rows as T[]
  }

  async run(sql: string, params?: readonly Param[]): Promise<number> {
    if (this.#options.readOnly) await this.#gate.statement(() => this.#refuseWrite())
    const { count } = await this.#statement(sql, params)
    return /^\s*(select|explain|show)\b/i.test(sql) ? 0 : count
  }

  async *stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]> {
    this.#cursors += 1
    const cursor = `stance_stream_${this.#cursors}`
    await this.#statement(`declare ${cursor} no scroll cursor for ${sql}`, params)
    for (;;) {
      const { rows } = await this.#statement(`fetch forward ${rowsPerFetch} from ${cursor}`)
      if (rows.length > 0) yield rows as T[]
      if (rows.length < rowsPerFetch) break
    }
    await this.#statement(`close ${cursor}`)
  }

  load(
    target: LoadTarget,
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
  ): Promise<number> {
    return this.#gate.load(async () => {
      if (this.#options.readOnly) await this.#refuseWrite()
      try {
        return await loadByCopy(this.#client, target, rows)
      } catch (error) {
        throw toPostgresError(error, this.#location)
      }
    })
  }

  #statement(sql: string, params?: readonly Param[]): Promise<{ rows: Row[]; count: number }> {
    return this.#gate.statement(async () => {
      try {
        return await runStatement(this.#client, sql, params)
      } catch (error) {
        throw toPostgresError(error, this.#location)
      }
    })
  }

  async #refuseWrite(): Promise<never> {
    throw new StanceError('DB_READ_ONLY', 'A statement wanted to write where only reading is allowed.', {
      next: 'Write in a transaction that is not read-only.',
    })
  }
}
