/**
 * The one door to the store. DuckDB and PostgreSQL (and Citus behind the same URL) look alike from here;
 * nothing outside `src/db` knows which it talks to, except `engine` for what is printed for a person.
 *
 * SQL uses `$1, $2, …` on every engine, each cast where the type is not plain from its place (`$1::text`,
 * `$2::text[]`). Values in: string, number, bigint, boolean, Date, null and arrays of strings.
 * Values out: text → string, boolean → boolean, bigint/count/sum → number (an error where it is not a safe
 * integer), double → number, timestamptz → Date (milliseconds; the absence times 0001 and 9999 too),
 * json → the text of it (parse it yourself), NULL → null.
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

export interface Reader {
  readonly engine: EngineName
  query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]>
  /** Rows in chunks, so that memory stays bounded whatever the size. */
  stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]>
}

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
  close(): Promise<void>
}
