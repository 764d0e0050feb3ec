import type { BenchEngine } from './engines.ts'

type Bench = (engine: BenchEngine, scale: number) => Promise<void>

/** What there is to measure, in the order in which it is run; each is loaded when it is. */
export const benches = {
  judging: async () => (await import('./judging.bench.ts')).judging,
  changing: async () => (await import('./changing.bench.ts')).changing,
  'as-of': async () => (await import('./as-of.bench.ts')).asOf,
  scan: async () => (await import('./scan.bench.ts')).scanning,
  documents: async () => (await import('./documents.bench.ts')).documents,
} satisfies Record<string, () => Promise<Bench>>

export type BenchName = keyof typeof benches

/** One bench on one engine. */
export interface Part {
  name: BenchName
  engine: BenchEngine
  /** Of the full size, above 0 and at most 1. */
  scale: number
}

export function isBench(name: string): name is BenchName {
  return Object.hasOwn(benches, name)
}
