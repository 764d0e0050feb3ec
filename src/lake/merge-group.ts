import { isRead } from '../core/state.ts'
import type { Failure } from './collected.ts'
import { type ContentMap, type GroupState, overlayKey, type StateMap } from './group-state.ts'
import type { PreparedRead } from './read-state.ts'

/** What a merge needs to know of the moment. */
export interface Moment {
  now: Date
  /** How long the last good content of a group stays in force while reads end in `error`. */
  staleAfterMs: (group: string) => number
}

const partly: Failure = {
  code: 'PARTLY_READ',
  message: 'Only some columns of this group were read by now.',
  next: 'Wait for the next scan, which reads the whole group.',
}

/** Puts one read into a document. Changes `state` and `content`; answers whether new content was taken. */
export function mergeGroup(
  group: string,
  read: PreparedRead,
  state: StateMap,
  content: ContentMap,
  reading: string,
  moment: Moment,
): boolean {
  const old = state[group]
  if (isOutdated(old, read)) return false
  const read_at = new Date(read.read_at).toISOString()
  if (!isRead(read.state)) {
    state[group] = unread(group, old, read.state, read_at, read.failure, moment)
    return false
  }
  if (read.carries !== undefined) return mergePart(group, read, read_at, read.carries, state, content, moment)
  const { hash, full } = read
  content[group] = read.content
  state[group] = {
    state: read.state,
    since: old?.since ?? '',
    read_at,
    ok_at: read_at,
    in_force: true,
    hash,
    ...(full === hash ? {} : { full }),
    reading,
    ...keptOverlays(old, content, (at) => at > read.read_at),
  }
  return true
}

/**
 * A write never replaces a group read later than its own read began. An attempt that gave nothing says nothing of the
 * content: a report that is older than it, but was asked for after it, is news.
 */
export function isOutdated(old: GroupState | undefined, read: PreparedRead): boolean {
  if (old === undefined) return false
  if (!isRead(read.state) || isRead(old.state)) return Date.parse(old.read_at) > read.read_at
  if (old.ok_at !== undefined && Date.parse(old.ok_at) > read.read_at) return true
  return Date.parse(old.read_at) > read.asked_at
}

/** The group after a read that gave nothing: its content stays, in force or not. */
export function unread(
  group: string,
  old: GroupState | undefined,
  state: GroupState['state'],
  read_at: string,
  failure: Failure | undefined,
  moment: Moment,
): GroupState {
  const in_force = state === 'error' && old !== undefined && old.in_force && isYoung(group, old, moment)
  const { failure: _, ...kept } = old ?? { since: '' }
  return { ...kept, state, read_at, in_force, ...(failure === undefined ? {} : { failure }) }
}

export function isYoung(group: string, old: GroupState, moment: Moment): boolean {
  if (old.ok_at === undefined) return false
  return moment.now.getTime() - Date.parse(old.ok_at) < moment.staleAfterMs(group)
}

/** A way of reading that fills some columns lies over the content that fills them all. */
function mergePart(
  group: string,
  read: PreparedRead,
  read_at: string,
  carries: readonly string[],
  state: StateMap,
  content: ContentMap,
  moment: Moment,
): boolean {
  const old = state[group]
  if (old?.ok_at !== undefined && Date.parse(old.ok_at) >= read.read_at) return false
  const key = overlayKey(group, carries)
  const kept = keptOverlays(old, content, (at, other) => {
    return at > read.read_at || !other.every((column) => carries.includes(column))
  })
  if ((kept.overlays?.[key]?.read_at ?? '') > read_at) return false
  content[key] = read.content
  const base = old ?? unread(group, undefined, 'not_collected', read_at, partly, moment)
  const { overlays: _, ...rest } = base
  state[group] = {
    ...rest,
    overlays: { ...kept.overlays, [key]: { read_at, hash: read.hash, full: read.full } },
  }
  return true
}

function keptOverlays(
  old: GroupState | undefined,
  content: ContentMap,
  keep: (readAt: number, carries: string[]) => boolean,
): Pick<GroupState, 'overlays'> {
  const kept: NonNullable<GroupState['overlays']> = {}
  for (const [key, overlay] of Object.entries(old?.overlays ?? {})) {
    const carries = key.slice(key.indexOf('#') + 1).split(',')
    if (keep(Date.parse(overlay.read_at), carries)) kept[key] = overlay
    else delete content[key]
  }
  return Object.keys(kept).length === 0 ? {} : { overlays: kept }
}
