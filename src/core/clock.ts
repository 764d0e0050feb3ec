/** The only source of "now". Tests, past moments and the demo set it. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

export function fixedClock(moment: Date): Clock {
  return { now: () => new Date(moment) }
}
