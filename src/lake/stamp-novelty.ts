import { listGroup } from '../core/table-shape.ts'
import type { GroupState, StateMap } from './group-state.ts'
import type { Projection } from './project-resource.ts'

/** More of them are as good as a new resource. */
const mostNames = 100
/** No list that is older counts for anything. */
const forgottenAfterMs = 60 * 86_400_000

/**
 * Writes down in the state of the list which names are new in a row, and since when: a list that was read before cannot
 * say that what they mean is not there. Only a read tells of new ones; another declaration of it does not.
 */
export function stampNovelty(
  since: Date,
  after: StateMap,
  before: GroupState | undefined,
  isChanged: boolean,
  projection: Projection,
  projectionBefore: () => Projection,
): void {
  const list = after[listGroup]
  if (list === undefined) return
  const { new_in: _, new_names: __, ...rest } = list
  after[listGroup] = { ...rest, ...noveltyOf() }

  function noveltyOf(): Pick<GroupState, 'new_in' | 'new_names'> {
    if (before === undefined) return { new_in: since.toISOString() }
    const { new_in, new_names = {} } = before
    const kept = new_in === undefined ? {} : { new_in }
    if (!isChanged) return before.new_names === undefined ? kept : { ...kept, new_names }
    const had = namesOf(projectionBefore())
    const fresh = [...namesOf(projection)].filter((name) => !had.has(name))
    const young = Object.entries(new_names).filter(
      ([, from]) => since.getTime() - Date.parse(from) < forgottenAfterMs,
    )
    const names = {
      ...Object.fromEntries(young),
      ...Object.fromEntries(fresh.map((name) => [name, since.toISOString()])),
    }
    const count = Object.keys(names).length
    if (count > mostNames) return { new_in: since.toISOString() }
    return count === 0 ? kept : { ...kept, new_names: names }
  }
}

/** All texts of a row and its child rows: any of them may be what something else is called. */
function namesOf({ columns, children }: Projection): Set<string> {
  const names = new Set<string>()
  for (const row of [columns, ...Object.values(children).flat()])
    for (const value of Object.values(row)) if (typeof value === 'string' && value !== '') names.add(value)
  return names
}
