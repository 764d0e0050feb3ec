/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface RandomSource {
  /** From 0 up to, not including, `below`. */
  upTo(below: number): number
  pick<T>(of: readonly T[]): T
}

export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const upTo = (below: number) => Math.floor(next() * below)
  return {
    upTo,
    pick: (of) => {
      const one = of[upTo(of.length)]
      if (one === undefined) throw new RangeError('nothing to pick from')
      return one
    },
  }
}
