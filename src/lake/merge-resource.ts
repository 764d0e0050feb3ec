import type { State } from '../core/state.ts'
import { listGroup } from '../core/table-shape.ts'
import { shortHash } from './canonical-document.ts'
import type { LakeTable } from './catalogue.ts'
import type { Failure } from './collected.ts'
import { toMoment } from './column-value.ts'
import { contentsInForce, lastContents } from './group-contents.ts'
import { type ContentMap, type GroupState, readingOf, type StateMap } from './group-state.ts'
import { isNewVersion } from './is-new-version.ts'
import type { KnownResource } from './known-resource.ts'
import { isYoung, type Moment, mergeGroup, unread } from './merge-group.ts'
import { type Projection, projectResource } from './project-resource.ts'
import type { PreparedRead, PreparedResource } from './read-state.ts'
import { stampNovelty } from './stamp-novelty.ts'
import { groupsOf } from './table-groups.ts'
import { keptGroups } from './write-typed-rows.ts'

export interface MergePlace extends Moment {
  table: LakeTable
  /** When the scan began that reads this, or the read of one resource: all that it lists is read after. */
  since: Date
  account_id: string
  part: string
  cloud_partition: string
}

/** A closed interval of a group's state. */
export interface StateInterval {
  group: string
  state: State
  in_force: boolean
  from: string
  failure?: Failure
}

export interface Merged {
  resource: KnownResource
  projection: Projection
  /** The document before is a closed version. */
  isVersion: boolean
  history: StateInterval[]
  /** Names that were in it and are not. */
  lost: readonly string[]
}

/** Pure: the document that is known, and what was read now, make the document that is known next. */
export function mergeResource(
  place: MergePlace,
  known: KnownResource | undefined,
  read: PreparedResource | undefined,
  firstSeen?: Date,
): Merged {
  const { table, now } = place
  const before = { state: known?.state ?? {}, content: known?.content ?? {} }
  const after = { state: { ...before.state }, content: { ...before.content } }
  const reads = read?.groups ?? new Map<string, PreparedRead>()
  const taken = new Set<string>()
  for (const [group, one] of reads) {
    const reading = readingOf(table.readings.get(group) ?? '', one.way)
    if (mergeGroup(group, one, after.state, after.content, reading, place)) taken.add(group)
  }
  if (known !== undefined && known.projection !== table.projection) retryRefused(after, reads)
  expire(after.state, reads, place)
  const isListed = read !== undefined && (known === undefined || listIsTaken(known, reads))
  const base = identity(place, known, isListed ? read : undefined, firstSeen ?? now)
  const where = { account_id: base.account_id, region: base.region, partition: base.cloud_partition }
  const projection = projectUntilStable(table, where, before, after, taken, reads, place)
  const here = { ...where, item: after.content[listGroup] ?? undefined }
  const isVersion = [...groupsOf(table.declared)].some(([group, declared]) => {
    return taken.has(group) && isNewVersion(group, declared, before, after, here)
  })
  const history = stamp(before.state, after.state, now)
  const isListedNow = after.state[listGroup]?.in_force ?? false
  const row_hash = rowHash(base, isListedNow, after.state, projection)
  // What was denied for a while and is as it was before names nothing new, and has lost nothing.
  const lastOf = ({ state, content }: Documents) =>
    projectResource(table.declared, where, lastContents(state, content))
  const lost = stampNovelty(after.state, {
    since: place.since,
    before: before.state[listGroup],
    isChanged: read !== undefined && known?.row_hash !== row_hash,
    groups: table.readings,
    projectionBefore: () => lastOf(before),
    projectionAfter: () => lastOf(after),
  })
  const list = after.state[listGroup] ?? missingList
  const tagsGroup = table.declared.identity.tags?.group
  const tagsState = tagsGroup === undefined ? undefined : after.state[tagsGroup]
  const hasTags = tagsGroup === undefined || (read !== undefined && taken.has(tagsGroup))
  const resource: KnownResource = {
    ...base,
    tags: hasTags && read !== undefined ? (tagsGroup === undefined ? '{}' : read.tags) : base.tags,
    tags_read: list.in_force && (tagsGroup === undefined || (tagsState?.in_force ?? false)),
    content: after.content,
    state: after.state,
    list_state: list.state,
    list_read_at: new Date(list.read_at),
    in_force: list.in_force,
    in_force_since: new Date(list.since),
    hash: documentHash(after.state),
    row_hash: withDoubts(row_hash, after.state),
    projection: table.projection,
    valid_from: isVersion ? laterThan(base.valid_from, now) : base.valid_from,
  }
  return { resource, projection, isVersion, history, lost }
}

const missingList: GroupState = { state: 'not_collected', since: '', read_at: '', in_force: false }

function listIsTaken(known: KnownResource, reads: ReadonlyMap<string, PreparedRead>): boolean {
  const list = reads.get(listGroup)
  return list !== undefined && known.list_read_at.getTime() <= list.read_at
}

function identity(
  place: MergePlace,
  known: KnownResource | undefined,
  read: PreparedResource | undefined,
  firstSeen: Date,
): KnownResource {
  if (read === undefined) {
    if (known === undefined) throw new TypeError('a resource that is not known needs a read')
    return known
  }
  const { resource } = read
  const { now } = place
  return {
    account_id: place.account_id,
    resource_key: resource.resource_key,
    table_name: place.table.declared.name,
    provider: place.table.declared.provider,
    cloud_partition: place.cloud_partition,
    region: resource.region,
    part: place.part,
    owner_account_id: resource.owner_account_id,
    parent_key: resource.parent_key ?? '',
    native_id: resource.native_id,
    name: resource.name,
    incarnation: known?.incarnation ?? resource.incarnation,
    seen_incarnation: resource.incarnation === '' ? (known?.seen_incarnation ?? '') : resource.incarnation,
    tags: known?.tags ?? null,
    tags_read: false,
    content: {},
    state: {},
    list_state: 'ok',
    list_read_at: now,
    in_force: false,
    in_force_since: now,
    hash: '',
    row_hash: known?.row_hash ?? '',
    projection: '',
    first_seen: known?.first_seen ?? firstSeen,
    valid_from: known?.valid_from ?? now,
  }
}

/** What an earlier declaration could not read out of a document, the present one may. */
function retryRefused({ state, content }: Documents, reads: ReadonlyMap<string, PreparedRead>): void {
  for (const [group, old] of Object.entries(state)) {
    const { failure, ...rest } = old
    const isOurs = old.state === 'error' && failure?.code.startsWith('COLUMN_') === true
    // Otherwise the content is older than the read that was refused, and was put back by age.
    const isLast = old.hash !== undefined && (old.ok_at === undefined || old.ok_at === old.read_at)
    // Whether a row is listed is its cell's to say: the next scan puts that right.
    if (group === listGroup || reads.has(group) || !isOurs || !isLast) continue
    const was = content[group] === null ? 'absent' : 'ok'
    state[group] = { ...rest, state: was, in_force: true, ok_at: old.read_at }
  }
}

/** Content that was kept through errors and was not tried now is in force no longer than its age allows. */
function expire(state: StateMap, reads: ReadonlyMap<string, PreparedRead>, moment: Moment): void {
  for (const [group, old] of Object.entries(state)) {
    if (reads.has(group) || old.state !== 'error' || !old.in_force) continue
    if (!isYoung(group, old, moment)) state[group] = { ...old, in_force: false }
  }
}

interface Documents {
  state: StateMap
  content: ContentMap
}

/**
 * A group whose new content does not give its columns is `error`: the content before it counts again while it is
 * young, so projecting is repeated without the group's new content.
 */
function projectUntilStable(
  table: LakeTable,
  where: { account_id: string; region: string; partition: string },
  before: Documents,
  after: Documents,
  taken: Set<string>,
  reads: ReadonlyMap<string, PreparedRead>,
  moment: Moment,
): Projection {
  for (;;) {
    const projection = projectResource(table.declared, where, contentsInForce(after.state, after.content))
    const failed = Object.entries(projection.failures)
    if (failed.length === 0) return projection
    for (const [group, failure] of failed) {
      const read_at = reads.get(group)?.read_at
      const at = read_at === undefined ? after.state[group]!.read_at : new Date(read_at).toISOString()
      const had = before.state[group]
      if (!taken.delete(group)) {
        after.state[group] = { ...after.state[group]!, state: 'error', in_force: false, failure }
      } else if (had?.ok_at !== undefined) {
        restore(group, before, after)
        after.state[group] = unread(group, had, 'error', at, failure, moment)
      } else {
        // Nothing better is known: what was read is kept for a declaration that understands it.
        const { ok_at: _, ...rest } = after.state[group]!
        after.state[group] = { ...rest, state: 'error', read_at: at, in_force: false, failure }
      }
    }
  }
}

function restore(group: string, before: Documents, after: Documents): void {
  const isOurs = (key: string) => key === group || key.startsWith(`${group}#`)
  for (const key of Object.keys(after.content)) if (isOurs(key)) delete after.content[key]
  for (const [key, content] of Object.entries(before.content)) if (isOurs(key)) after.content[key] = content
}

/** Since when each state is what it is; the intervals that ended now. */
function stamp(before: StateMap, after: StateMap, now: Date): StateInterval[] {
  const ended: StateInterval[] = []
  for (const [group, state] of Object.entries(after)) {
    const old = before[group]
    if (old !== undefined && old.state === state.state && old.in_force === state.in_force) {
      after[group] = { ...state, since: old.since }
      continue
    }
    const since = old === undefined ? now : laterThan(new Date(old.since), now)
    after[group] = { ...state, since: since.toISOString() }
    if (old === undefined) continue
    const { state: was, in_force, since: from, failure } = old
    ended.push({ group, state: was, in_force, from, ...(failure === undefined ? {} : { failure }) })
  }
  return ended
}

/** Intervals are never empty, whatever the clock does. */
export function laterThan(moment: Date, now: Date): Date {
  return now.getTime() > moment.getTime() ? now : new Date(moment.getTime() + 1)
}

function documentHash(state: StateMap): string {
  const hashes = Object.entries(state).flatMap(([group, { hash, overlays }]) => [
    `${group}=${hash ?? ''}`,
    ...Object.entries(overlays ?? {}).map(([key, overlay]) => `${key}=${overlay.hash}`),
  ])
  return shortHash(hashes.sort().join('\n'))
}

function rowHash(base: KnownResource, isListed: boolean, state: StateMap, projection: Projection): string {
  const read = Object.entries(state)
    .filter(([, { in_force }]) => in_force)
    .map(([group]) => group)
    .sort()
  const { region, owner_account_id, part } = base
  const row = [region, owner_account_id, part, isListed, read, projection.columns, projection.children]
  return shortHash(JSON.stringify(row))
}

/** The typed row says which of its names are in doubt, and what is kept of it. */
function withDoubts(row_hash: string, state: StateMap): string {
  const { lost_names } = state[listGroup] ?? {}
  const kept = keptGroups(state).sort()
  return lost_names === undefined && kept.length === 0
    ? row_hash
    : shortHash(JSON.stringify([row_hash, Object.keys(lost_names ?? {}).sort(), kept]))
}

/** The same resource as before? Times count to the second: APIs give them in different precision. */
export function isSameIncarnation(known: string, read: string): boolean {
  if (known === '' || read === '' || known === read) return true
  const [a, b] = [toMoment(known), toMoment(read)]
  if (a === undefined || b === undefined) return false
  return Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000)
}
