import { settleAll } from './settle-all.ts'

/**
 * Like `map` with promises, no more than `most` of them under way; results in the order of the items. Where one fails
 * no more are begun, and it is thrown when those under way have ended.
 */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length)
  let next = 0
  const run = async () => {
    while (next < items.length) {
      const at = next++
      try {
        results[at] = await work(items[at] as T)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  await settleAll(Array.from({ length: Math.min(most, items.length) }, run))
  return results
}
