import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/**
 * In a smaller file no table has enough rows for two: threads share a table by its groups of 30,720 rows, and what a
 * scan asks of a small store is hundreds of short statements, which handing over to others makes dearer
 * (docs/adr/0008).
 */
const largeEnough = 256 * 1_048_576

/** The cores of the machine for a file in which they have something to share, else one. */
export function defaultThreads(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return size < largeEnough ? 1 : availableParallelism()
}
