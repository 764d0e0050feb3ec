/**
 * The one door to the store. DuckDB and PostgreSQL (and Citus behind the same URL) look alike from here;
 * nothing outside `src/db` knows which it talks to, except `engine` for what is printed for a person.
 *
 * SQL uses `$1, $2, …` on every engine, each cast where the type is not plain from its place (`$1::text`,
 * `$2::text[]`). Values in: string, number, bigint, boolean, Date, null and arrays of strings.
 * Values out: text → string, boolean → boolean, bigint/count/sum → number (an error where it is not a safe
 * integer), double → number, timestamptz → Date (milliseconds; the absence times 0001 and 9999 too),
 * json → the text of it (parse it yourself), NULL → null. What only a person's SQL gives: date, time,
 * interval, uuid → text, lists → JSON text, infinite times → the absence times.
 *
 * A NUL character, which PostgreSQL cannot keep, goes in as U+FFFD on every engine; so does half of a
 * surrogate pair. Dates go in within the years 1 to 9999.
 */
export type EngineName = 'duckdb' | 'postgres' | 'citus'
export type Param = string | number | bigint | boolean | Date | null | readonly string[]
export type Value = string | number | boolean | Date | null
export type Row = Record<string, Value>

/** Column types of the lake; the engines spell them. `json` is for our own tables only. */
export type ColumnType = 'text' | 'boolean' | 'bigint' | 'double' | 'timestamptz' | 'json'

export interface LoadTarget {
  /** schema-qualified, e.g. `lake.aws_s3_bucket` */
  table: string
  columns: readonly { name: string; type: ColumnType }[]
}

/** Reads only: a statement that writes is refused with `DB_READ_ONLY` outside a transaction. */
export interface Reader {
  readonly engine: EngineName
  query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]>
  /** Rows in chunks, so that memory stays bounded whatever the size. */
  stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]>
}

/**
 * Statements of one transaction run one after another, also when they are not awaited one by one. While
 * `load` takes its rows no other statement of the same transaction may run (`DB_TRANSACTION_BUSY`): feed it
 * from memory or from `Database.stream`. Once a statement has failed the transaction cannot be committed, even
 * if the error was caught.
 */
export interface Transaction extends Reader {
  /** Runs one statement; returns the number of rows it touched. */
  run(sql: string, params?: readonly Param[]): Promise<number>
  /** Bulk load by appender (DuckDB) or COPY (PostgreSQL); returns the number of rows. */
  load(
    target: LoadTarget,
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
  ): Promise<number>
}

export interface TransactionOptions {
  /** Refuses every write. Default false. */
  readOnly?: boolean
  /** Named in logs and errors. */
  label?: string
  /** Ends a statement of this transaction that runs longer, with `DB_TIMEOUT`. */
  statementTimeoutMs?: number
}

export interface Database extends Reader {
  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws, and run again
   * (from the start, so `work` must be repeatable) on deadlock or serialisation failure.
   * On DuckDB writing transactions queue up one after another; readers never wait for them.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Where the data lives, without credentials: for messages. */
  readonly location: string
  /** Another process holds the file, and reads for this one. */
  readonly throughHolder?: boolean
  close(): Promise<void>
}
