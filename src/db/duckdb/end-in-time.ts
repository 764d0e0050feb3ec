import type { DuckDBConnection } from '@duckdb/node-api'

const againMs = 50

/**
 * Runs `work` on a connection and interrupts it after `limit` milliseconds. DuckDB forgets an interruption that
 * comes between the preparing of a statement and its running, so it is told again until the work has ended.
 */
export async function endInTime<T>(
  connection: DuckDBConnection,
  limit: number | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (limit === undefined) return work()
  let timer = setTimeout(function interrupt() {
    connection.interrupt()
    timer = setTimeout(interrupt, againMs)
  }, limit)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}
