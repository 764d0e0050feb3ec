/**
 * Turns work that hands out values one after another (inside a transaction, say) into an iterable. The work
 * waits until each value has been used; it is ended by an error where the user of the values leaves early.
 */
export async function* handOver<T>(
  work: (give: (value: T) => Promise<void>) => Promise<void>,
): AsyncGenerator<T> {
  let offered = newOffer<T>()
  let taken = Promise.withResolvers<boolean>()
  let left = false
  const give = async (value: T) => {
    offered.resolve({ value })
    const goOn = await taken.promise
    taken = Promise.withResolvers()
    if (!goOn) throw new Error('nobody wants the rest')
  }
  const ended = work(give).then(
    () => offered.resolve(undefined),
    (error: unknown) => {
      if (!left) offered.reject(error)
    },
  )
  try {
    for (;;) {
      const next = await offered.promise
      if (next === undefined) return
      offered = newOffer()
      yield next.value
      taken.resolve(true)
    }
  } finally {
    left = true
    taken.resolve(false)
    await ended
  }
}

function newOffer<T>(): PromiseWithResolvers<{ value: T } | undefined> {
  const offer = Promise.withResolvers<{ value: T } | undefined>()
  // An error may come before anybody asks for the next value.
  offer.promise.catch(() => undefined)
  return offer
}
