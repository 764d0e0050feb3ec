/** Like `Promise.all`, but nothing is left under way: the first failure is thrown when all have ended. */
export async function settleAll<T>(works: Iterable<Promise<T>>): Promise<T[]> {
  const ends = await Promise.allSettled(works)
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}
