import { defaultIntervals, demandOf, type Intervals, staleAfter } from '../collect/kernel/demand-of.ts'
import { columnsRead } from './columns-read.ts'
import type { Declared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

/** As the lake asks for it. */
export type StaleAfter = (table: string, group: string) => number

/** How often what is read, as settings say. */
export function intervalsOf({ collect }: RunSettings): Intervals {
  return { ...defaultIntervals, inventory: collect.inventory, cell_calls: collect.call_budget }
}

/** How long what was read last counts while reads end in errors: `stale_after`, at least two intervals of its group. */
export function staleAfterOf(
  { registry, set }: Pick<Declared, 'registry' | 'set'>,
  settings: RunSettings,
): ReturnType<typeof staleAfter> {
  return staleAfter(demandOf(registry, columnsRead(set)), intervalsOf(settings), settings.collect.stale_after)
}
