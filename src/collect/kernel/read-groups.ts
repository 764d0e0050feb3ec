import type { Json } from '../../core/json.ts'
import { listGroup } from '../../core/table-shape.ts'
import type { CollectedResource, Failure, GroupRead } from '../../lake/collected.ts'
import type { Place } from '../../lake/columns.ts'
import type { AnyTable, SourceUse } from '../../lake/define-table.ts'
import { projectResource } from '../../lake/project-resource.ts'
import type { Caller } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import { ownerOf } from './collect-deps.ts'
import { valuesOf } from './identify-resource.ts'
import { foundAt, type ListedRow, rowsMissing } from './list-rows.ts'
import type { SourceRun } from './read-source.ts'
import { readWay, shaped, type WayRead } from './read-way.ts'
import { replaceSecrets } from './replace-secrets.ts'
import { settleAll } from './settle-all.ts'
import type { SharedReads } from './shared-reads.ts'
import { type AnyGroup, type AnyList, isReadSet, listOf, otherGroups } from './table-reads.ts'
import { tagsOf } from './tags-of.ts'
import { valuesAt } from './values-at.ts'

export interface GroupsWanted {
  caller: Caller
  secret_key: string | Buffer
  /** Sources are used where there are such; a single resource is read without them. */
  shared?: SharedReads
  /** Which groups beside the list; all where left out. */
  groups?: readonly string[]
  /** The list's content was made by a way that fills some columns only. */
  list_carries?: readonly string[]
}

/** It was answered, and names what nobody has read: what was known before does not count any more. */
interface NotCollected {
  end: 'not_collected'
  failure: Failure
}

type GroupWay = WayRead | (NotCollected & { read_at: Date })

/** The groups of one listed resource. `gone`: it is being deleted. */
export async function readGroups(
  table: AnyTable,
  row: ListedRow,
  wanted: GroupsWanted,
): Promise<CollectedResource | 'gone' | 'cancelled'> {
  const { caller } = wanted
  const place: Place = {
    ...{ account_id: caller.account_id, partition: caller.partition },
    region: row.identity.region,
    item: row.item,
  }
  const all = new Map(otherGroups(table))
  const reads = new Map<string, Promise<GroupWay | undefined>>()
  const start = (name: string): Promise<GroupWay | undefined> => {
    const group = all.get(name)
    if (group === undefined) throw new Error(`${table.name} has no group ${name}`)
    const before = group.after === undefined ? undefined : start(group.after)
    const known = reads.get(name) ?? readGroup(table, group, row, place, wanted, before)
    reads.set(name, known)
    return known
  }
  for (const name of all.keys()) if (wanted.groups === undefined || wanted.groups.includes(name)) start(name)
  const read = await settleAll([...reads].map(async ([name, way]) => [name, await way] as const))
  const groups: Record<string, GroupRead> = { [listGroup]: listRead(table, row, wanted) }
  for (const [name, way] of read) {
    if (way === undefined) continue
    if (way.end === 'gone' || way.end === 'cancelled') return way.end
    groups[name] = toGroupRead(way, secretsOf(table, name), wanted.secret_key)
  }
  return {
    ...row.identity,
    tags: tagsIn(table, groups),
    ...(row.parent === undefined ? {} : { parent_key: row.parent.resource_key }),
    groups,
  }
}

/** Undefined: the group cannot be read this way, and stays as it was. */
async function readGroup(
  table: AnyTable,
  group: AnyGroup,
  row: ListedRow,
  place: Place,
  wanted: GroupsWanted,
  before: Promise<GroupWay | undefined> | undefined,
): Promise<GroupWay | undefined> {
  const { caller, shared } = wanted
  const earlier = await before
  if (earlier?.end === 'gone' || earlier?.end === 'cancelled') return earlier
  const read_at = caller.clock.now()
  if (group.applies !== undefined) {
    const told = earlier?.end === 'ok' ? { group: group.after ?? '', content: earlier.content } : undefined
    const refused = refusedBy(table, row, place, told, carriedByList(table, wanted) === undefined)
    if (refused.list !== undefined) return { end: 'error', failure: refused.list, read_at }
    const known = refused.earlier === undefined ? told?.content : undefined
    const applies = shaped(() => group.applies?.(row.item, place, known as never))
    if ('failure' in applies) return { end: 'error', failure: applies.failure, read_at }
    if (applies.value === false) return { end: 'unsupported', read_at }
  }
  const single = (): Promise<WayRead> | undefined => {
    if (group.read === undefined) return undefined
    const { identity } = row
    const values = valuesOf(foundAt(caller, row.parent), identity.region, row.item, identity.native_id)
    const read = readWay(caller, ownerOf(table), group.read, values, place)
    return group.source === undefined ? read : read.then(inItsOwnWay)
  }
  if (group.source === undefined || shared === undefined) return single()
  return fromSource(group, row, place, caller, shared, single)
}

/**
 * Why the lake will refuse what `applies` looks at: a field is missing. What the lake knows from before stays then, and
 * "does not apply" would be said of something else.
 */
function refusedBy(
  table: AnyTable,
  row: ListedRow,
  place: Place,
  told: { group: string; content: Json } | undefined,
  isWhole: boolean,
): { list?: Failure; earlier?: Failure } {
  const contents: Record<string, { content: Json }> = { [listGroup]: { content: row.item } }
  if (told !== undefined) contents[told.group] = { content: told.content }
  const { [listGroup]: list, [told?.group ?? '']: earlier } = projectResource(table, place, contents).failures
  return {
    ...(list === undefined || !isWhole ? {} : { list }),
    ...(earlier === undefined ? {} : { earlier }),
  }
}

/** Its own reads word what a source says in other fields. */
function inItsOwnWay(way: WayRead): WayRead {
  return way.end === 'ok' ? { ...way, way: 'own' } : way
}

/** The source's row of this resource. What a lagging source does not know yet, a single read settles. */
async function fromSource(
  group: AnyGroup,
  row: ListedRow,
  place: Place,
  caller: Caller,
  shared: SharedReads,
  single: () => Promise<WayRead> | undefined,
): Promise<GroupWay> {
  const use = group.source
  if (use === undefined) throw new Error('the group has no source')
  const run = await shared.source(use.source, caller)
  const { read_at, asked_at } = run
  const numbers = (await run.keyed(use.items, use.match ?? '')).get(row.identity.resource_key) ?? []
  const spool = run.items.get(use.items)
  const rows = await Promise.all(numbers.map((nr) => spool?.get(nr)))
  const [first] = rows
  const isTold = first !== undefined
  if (!isTold) {
    // A refusal speaks of now, whatever age the data would have had.
    if (run.unread !== undefined) return { ...sourceEnded(run.unread), read_at: asked_at }
    if (run.broken.has(use.items)) return { ...rowsMissing(use.source, use.items), read_at: asked_at }
    return (run.is_lagging ? await single() : undefined) ?? notInSource(group, use.source, run, read_at)
  }
  if (use.all === true) {
    // Pages that are missing may hold more of its rows.
    if (run.unread !== undefined) return { ...sourceEnded(run.unread), read_at: asked_at }
    if (run.broken.has(use.items)) return { ...rowsMissing(use.source, use.items), read_at: asked_at }
    const made = shaped(() => (use.shape === undefined ? rows : use.shape(rows as never, place)) as Json)
    if ('failure' in made) return { end: 'error', failure: made.failure, read_at }
    return { end: 'ok', content: made.value, read_at, asked_at }
  }
  if (rows.some((other) => JSON.stringify(other) !== JSON.stringify(first)))
    return { end: 'error', failure: contradiction(use.source), read_at }
  const lacking = await notBeside(use, first, run)
  if (lacking !== undefined) return { ...lacking, read_at: asked_at }
  const content = shaped(() => (use.shape === undefined ? first : (use.shape(first as never, place) as Json)))
  if ('failure' in content) return { end: 'error', failure: content.failure, read_at }
  return {
    end: 'ok',
    content: content.value,
    read_at,
    asked_at,
    ...(use.carries === undefined ? {} : { carries: use.carries }),
  }
}

/** What a row names and the same run does not hold: made or attached while it was read, or left out. */
async function notBeside(
  { source, names }: SourceUse<unknown>,
  row: Json,
  run: SourceRun,
): Promise<Unanswered | NotCollected | undefined> {
  if (names === undefined) return undefined
  const known = await run.keyed(names.items, names.match)
  const missing = valuesAt(row, names.at).find((name) => !known.has(String(name)))
  if (missing === undefined) return undefined
  if (run.unread !== undefined) return sourceEnded(run.unread)
  const rows = run.items.get(names.items)?.length ?? 0
  const named = [...known.values()].reduce((sum, numbers) => sum + numbers.length, 0)
  if (run.broken.has(names.items) || named < rows) return rowsMissing(source, names.items)
  const message = `${source} names ${String(missing).slice(0, 300)} here and does not speak of it`
  const next = 'Nothing to do: the next scan reads it again.'
  return { end: 'not_collected', failure: { code: 'NOT_IN_SOURCE', message, next } }
}

/** "This region has no such service" says of a region, not of a resource that was listed there. */
function sourceEnded(ended: Unanswered): Unanswered {
  if (ended.end !== 'absent' || ended.failure === undefined) return ended
  const state = ended.failure.denied_by === 'region not opted in' ? 'denied' : 'error'
  return { end: state, failure: ended.failure }
}

/** A whole source without the resource says "nothing configured", if every column has a value for that. */
function notInSource(group: AnyGroup, source: string, { is_lagging }: SourceRun, read_at: Date): WayRead {
  if (Object.values(group.columns).every(({ absent }) => absent !== undefined))
    return { end: 'absent', read_at }
  const message = `${source} does not speak of this resource`
  const next = is_lagging
    ? 'Scan again once the provider has made it anew (of IAM: every four hours). Where it stays, what answers is not AWS, or is an emulator that leaves it out.'
    : 'Nothing to do: the next scan reads it again.'
  return { end: 'error', failure: { code: 'NOT_IN_SOURCE', message, next }, read_at }
}

function contradiction(source: string) {
  const message = `${source} has two different rows for this resource`
  return { code: 'ROW_TWICE', message, next: 'Nothing to do: the next scan reads it again.' }
}

function listRead(table: AnyTable, row: ListedRow, wanted: GroupsWanted): GroupRead {
  const list = listOf(table)
  const carries = carriedByList(table, wanted)
  return {
    state: 'ok',
    content: withoutSecrets(row.item, list.secret, wanted.secret_key),
    read_at: row.read_at,
    ...(carries === undefined ? {} : { carries }),
    ...(wanted.shared === undefined && !isReadAsListed(list) ? { way: 'own' } : {}),
  }
}

/** The columns that the list's content fills, where it does not fill them all. */
function carriedByList(
  table: AnyTable,
  { list_carries, shared }: GroupsWanted,
): readonly string[] | undefined {
  return list_carries ?? (shared === undefined ? undefined : listOf(table).source?.carries)
}

/** One resource is read by the operation that lists it, so the answers have the same fields. */
function isReadAsListed({ read, one }: AnyList): boolean {
  return one === undefined || (!isReadSet(one) && one.operation === read?.operation)
}

function toGroupRead(way: GroupWay, secret: readonly string[] | undefined, key: string | Buffer): GroupRead {
  if (way.end === 'gone' || way.end === 'cancelled') throw new Error(`${way.end} is no state of a group`)
  if (way.end === 'ok') {
    const content = withoutSecrets(way.content, secret, key)
    return {
      state: 'ok',
      content,
      read_at: way.read_at,
      ...(way.asked_at === undefined || way.asked_at <= way.read_at ? {} : { asked_at: way.asked_at }),
      ...(way.carries === undefined ? {} : { carries: way.carries }),
      ...(way.way === undefined ? {} : { way: way.way }),
    }
  }
  return {
    state: way.end,
    read_at: way.read_at,
    ...(way.failure === undefined ? {} : { failure: way.failure }),
  }
}

/** The second wall behind the gate: shapes may have brought a secret to where the gate could not see it. */
function withoutSecrets(content: Json, secret: readonly string[] | undefined, key: string | Buffer): Json {
  if (secret === undefined || secret.length === 0) return content
  const clean = structuredClone(content)
  replaceSecrets(clean, secret, key)
  return clean
}

function secretsOf(table: AnyTable, group: string): readonly string[] | undefined {
  return otherGroups(table).find(([name]) => name === group)?.[1].secret
}

function tagsIn(table: AnyTable, groups: Record<string, GroupRead>): Record<string, string> {
  const { tags } = table.identity
  const content = tags === undefined ? undefined : groups[tags.group]?.content
  return tags === undefined || content === undefined ? {} : tagsOf(content, tags.from)
}
