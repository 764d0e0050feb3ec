import { StanceError } from '../core/errors.ts'
import type { ReadyFact } from './rule-set.ts'

/** Facts in an order in which each comes after those it reads; a circle of facts is an error. */
export function sortFacts(facts: readonly ReadyFact[]): ReadyFact[] {
  const byName = new Map(facts.map((ready) => [nameOf(ready.fact), ready]))
  const sorted: ReadyFact[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (name: string, path: readonly string[]): void => {
    const ready = byName.get(name)
    if (ready === undefined || state.get(name) === 'done') return
    if (state.get(name) === 'open') {
      throw new StanceError(
        'FACT_CYCLE',
        `Facts read each other in a circle: ${[...path, name].join(' → ')}.`,
        {
          next: 'Take one of them out of the circle: a fact may read only facts that do not read it.',
        },
      )
    }
    state.set(name, 'open')
    for (const read of ready.when.dependencies.facts) visit(nameOf(read), [...path, name])
    state.set(name, 'done')
    sorted.push(ready)
  }
  for (const name of byName.keys()) visit(name, [])
  return sorted
}

export function nameOf({ table, column }: { table: string; column: string }): string {
  return `${table}.${column}`
}
