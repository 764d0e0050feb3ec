import { isRead } from '../core/state.ts'
import { listGroup } from '../core/table-shape.ts'
import type { Failure } from './collected.ts'
import { type GroupState, overlayKey, readingOf, type StateMap } from './group-state.ts'
import type { KnownResource } from './known-resource.ts'
import { isOutdated, isYoung, type Moment } from './merge-group.ts'
import type { MergePlace } from './merge-resource.ts'
import type { PreparedRead, PreparedResource } from './read-state.ts'

/**
 * The way of nearly every resource of nearly every scan: nothing changed but when it was read. Answers the new
 * state, or undefined where the whole document is needed to tell.
 */
export function sameAsBefore(
  place: MergePlace,
  known: KnownResource,
  read: PreparedResource,
): { state: StateMap; list_read_at: Date } | undefined {
  const { table } = place
  if (known.projection !== table.projection || !known.in_force || known.row_hash === '') return undefined
  // It may be read now what it names.
  if (known.state[listGroup]?.lost_names !== undefined) return undefined
  const list = read.groups.get(listGroup)
  const isListed = list !== undefined && known.list_read_at.getTime() <= list.read_at
  if (isListed && !sameIdentity(place, known, read)) return undefined
  const state = { ...known.state }
  for (const [group, old] of Object.entries(known.state)) {
    const one = read.groups.get(group)
    if (one === undefined) {
      if (old.state === 'error' && old.in_force && !isYoung(group, old, place)) return undefined
      continue
    }
    const next = sameGroup(group, old, one, readingOf(table.readings.get(group) ?? '', one.way), place)
    if (next === undefined) return undefined
    state[group] = next
  }
  for (const group of read.groups.keys()) if (known.state[group] === undefined) return undefined
  return { state, list_read_at: new Date(state[listGroup]!.read_at) }
}

function sameIdentity(place: MergePlace, known: KnownResource, read: PreparedResource): boolean {
  const { resource } = read
  const tagsGroup = place.table.declared.identity.tags?.group
  const tags = tagsGroup === undefined ? undefined : read.groups.get(tagsGroup)
  return (
    known.region === resource.region &&
    known.part === place.part &&
    known.owner_account_id === resource.owner_account_id &&
    known.parent_key === (resource.parent_key ?? '') &&
    known.native_id === resource.native_id &&
    known.name === resource.name &&
    known.seen_incarnation === resource.incarnation &&
    known.cloud_partition === place.cloud_partition &&
    (tags === undefined || !isRead(tags.state) || known.tags === read.tags)
  )
}

function sameGroup(
  group: string,
  old: GroupState,
  read: PreparedRead,
  reading: string,
  moment: Moment,
): GroupState | undefined {
  if (isOutdated(old, read)) return old
  const read_at = new Date(read.read_at).toISOString()
  if (!isRead(read.state)) {
    if (old.state !== read.state || !sameFailure(old.failure, read.failure)) return undefined
    if (old.in_force && !isYoung(group, old, moment)) return undefined
    return { ...old, read_at, ...(read.failure === undefined ? {} : { failure: read.failure }) }
  }
  if (read.carries !== undefined) {
    const key = overlayKey(group, read.carries)
    const overlay = old.overlays?.[key]
    if (overlay === undefined || overlay.full !== read.full || overlay.read_at > read_at) return undefined
    return { ...old, overlays: { ...old.overlays, [key]: { ...overlay, read_at } } }
  }
  if (old.state !== read.state || !old.in_force || old.overlays !== undefined) return undefined
  if ((old.full ?? old.hash) !== read.full) return undefined
  return { ...old, read_at, ok_at: read_at, hash: read.hash, reading }
}

function sameFailure(a: Failure | undefined, b: Failure | undefined): boolean {
  return a?.code === b?.code && a?.action === b?.action && a?.denied_by === b?.denied_by
}
