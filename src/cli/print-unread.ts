import { sayFailure } from '../core/failure-words.ts'
import { sayState } from '../core/say-state.ts'
import type { FindingShown } from '../run/show-finding.ts'
import type { Screen } from './screen/screen.ts'
import { showMoment } from './screen/show-value.ts'

type Thing = FindingShown['unread'][number]

/** Why a finding is unknown; of one that is not, what it rests on that could not be read again. */
export function printUnread(out: Screen, { verdict, unread, kept, status }: FindingShown): void {
  if (status === 'closed') return
  if (verdict !== 'unknown') {
    printKept(out, kept)
    return
  }
  out.line()
  out.heading('What could not be read')
  if (unread.length === 0) {
    out.flow('What the rule reads has been read since: the next scan judges it again.', 2)
    return
  }
  printThings(out, unread, (one, since) => {
    const by = one.denied_by === '' ? '' : `, denied by: ${one.denied_by}`
    const action = one.action === '' ? '' : ` ${one.action}`
    return `${sayState(one)}${action} since ${since} UTC${by}`
  })
}

function printKept(out: Screen, kept: FindingShown['kept']): void {
  if (kept.length === 0) return
  out.line()
  out.heading('Judged by what was read before')
  out.flow('Reading this again has failed since, so what has changed meanwhile is not seen here.', 2)
  printThings(out, kept, (one, since) => {
    const read = one.ok_at === null ? '' : `as it was read at ${showMoment(one.ok_at)} UTC; `
    return `${read}its reads fail since ${since} UTC`
  })
}

/** What is the same of many regions is said once. */
function printThings<T extends Thing>(
  out: Screen,
  things: readonly T[],
  how: (one: T, since: string) => string,
): void {
  const alike = (one: T) => {
    const { table_name, group_name, resource_key, state, code, message, action, denied_by, next } = one
    const same = [table_name, group_name, resource_key, state, code, message, action, denied_by, next]
    return JSON.stringify(same)
  }
  for (const [one, ...others] of Map.groupBy(things, alike).values()) {
    if (one === undefined) continue
    const parts = [one, ...others].map(({ part }) => part)
    const where = parts.length === 1 ? one.part : `in ${parts.length} regions`
    const what =
      one.group_name === ''
        ? `${one.table_name}, the whole cell (${where})`
        : `${one.table_name}.${one.group_name} of ${one.resource_key}`
    out.flow(out.palette.yellow(what), 2)
    if (parts.length > 1) out.prose(parts.sort().join(', '), 4)
    const since = new Date(Math.min(...[one, ...others].map((each) => each.since.getTime())))
    out.prose(how(one, showMoment(since)), 4)
    // That a setting leaves it out stands above; which one does, in the message.
    const code = one.state === 'excluded' || one.code === '' ? '' : `${sayFailure(one.code)}: `
    if (one.message !== '') out.prose(`${code}${one.message}`, 4)
    if (one.next !== '') out.prose(`Next: ${out.carry(one.next)}`, 4)
  }
}
