import { type Severity, severities } from '../core/severity.ts'
import type { Changes } from '../run/count-changes.ts'

const eventWords: readonly (readonly [kind: string, word: string])[] = [
  ['failed', 'new'],
  ['reopened', 'failing again'],
  ['resolved', 'resolved'],
  ['closed', 'closed that failed'],
  ['closed_unknown', 'closed that had failed before it could not be read'],
  ['severity', 'of another severity'],
]

export function hasChanged(changes: Changes): boolean {
  const { events, newly_unknown, known_again, unknown_closed } = changes
  return sayEvents(events, {}).length > 0 || newly_unknown + known_again + unknown_closed > 0
}

/** `12 new (2 high, 10 low), 3 resolved, 7 newly unknown`; severities where they are given. */
export function sayChanges(
  { events, newly_unknown, known_again, unknown_closed }: Changes,
  { nothing = [], by_severity = {} }: { nothing?: readonly string[]; by_severity?: BySeverity } = {},
): string {
  const said = sayEvents(events, by_severity)
  return [
    ...(said.length === 0 ? nothing : said),
    ...(newly_unknown === 0 ? [] : [`${newly_unknown} newly unknown`]),
    ...(known_again === 0 ? [] : [`${known_again} no longer unknown`]),
    ...(unknown_closed === 0 ? [] : [`${unknown_closed} closed that had been unknown`]),
  ].join(', ')
}

/** Where there are no events: more that is unknown shall not pass for bad news that fails. */
export const nothingNew = ['nothing new that fails', 'nothing resolved'] as const

type BySeverity = Readonly<Record<string, Partial<Record<Severity, number>>>>

function sayEvents(events: Changes['events'], by_severity: BySeverity): string[] {
  return eventWords.flatMap(([kind, word]) => {
    const own = [...severities].reverse().flatMap((one) => {
      const n = by_severity[kind]?.[one]
      return n === undefined ? [] : [`${n} ${one}`]
    })
    return events[kind] ? [`${events[kind]} ${word}${own.length === 0 ? '' : ` (${own.join(', ')})`}`] : []
  })
}
