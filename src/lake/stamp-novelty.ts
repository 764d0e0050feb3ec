import { listGroup } from '../core/table-shape.ts'
import type { GroupState, StateMap } from './group-state.ts'
import { namesOf } from './names-of.ts'
import type { Projection } from './project-resource.ts'

/** More of them are as good as a new resource. */
const mostNames = 100
/** A new name is kept so long; then all of the row counts as new since. */
const forgottenAfterMs = 60 * 86_400_000

export interface Novelty {
  /** When the scan began that this read belongs to. */
  since: Date
  before: GroupState | undefined
  /** The row is not as it was. */
  isChanged: boolean
  /** As they are declared now. */
  groups: Pick<ReadonlySet<string>, 'has'>
  /** What was last read of it, then and now. */
  projectionBefore: () => Projection
  projectionAfter: () => Projection
}

/**
 * Writes down in the state of the list which names are new in a row, and since when: a list that was read before cannot
 * say that what they mean is not there. Only a read tells of new ones; another declaration of it does not. Answers the
 * names that the row has no longer.
 */
export function stampNovelty(after: StateMap, novelty: Novelty): string[] {
  const { since, before, isChanged, groups } = novelty
  const list = after[listGroup]
  if (list === undefined) return []
  const { new_in: _, new_names: __, lost_names: ___, ...rest } = list
  const lost: string[] = []
  const [was, is] = isChanged ? [novelty.projectionBefore(), novelty.projectionAfter()] : []
  after[listGroup] = { ...rest, ...newOnes(), ...doubtful() }
  return lost

  function newOnes(): Pick<GroupState, 'new_in' | 'new_names'> {
    if (before === undefined) return { new_in: since.toISOString() }
    const { new_in, new_names = {} } = before
    const kept = new_in === undefined ? {} : { new_in }
    if (was === undefined || is === undefined)
      return before.new_names === undefined ? kept : { ...kept, new_names }
    const had = namesOf(was)
    const has = namesOf(is)
    lost.push(...[...had].filter((name) => !has.has(name)))
    const fresh = [...has].filter((name) => !had.has(name))
    const isOld = (from: string) => since.getTime() - Date.parse(from) >= forgottenAfterMs
    const old = Object.values(new_names).filter(isOld)
    const names = {
      ...Object.fromEntries(Object.entries(new_names).filter(([, from]) => !isOld(from))),
      ...Object.fromEntries(fresh.map((name) => [name, since.toISOString()])),
    }
    const count = Object.keys(names).length
    if (count > mostNames) return { new_in: since.toISOString() }
    const latest = [...old, ...(new_in === undefined ? [] : [new_in])].sort().at(-1)
    return {
      ...(latest === undefined ? {} : { new_in: latest }),
      ...(count === 0 ? {} : { new_names: names }),
    }
  }

  /** What was read well since then says itself what it names. */
  function doubtful(): Pick<GroupState, 'lost_names'> {
    const still = Object.entries(before?.lost_names ?? {}).flatMap(([name, one]) => {
      const left = one.groups.filter((group) => {
        // A column whose group is no more is in the list, or nowhere.
        const { ok_at } = after[groups.has(group) ? group : listGroup] ?? {}
        return ok_at === undefined || ok_at < one.since
      })
      return left.length === 0 ? [] : [[name, { ...one, groups: left }] as const]
    })
    return still.length === 0 ? {} : { lost_names: Object.fromEntries(still) }
  }
}
