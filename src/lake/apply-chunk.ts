import { listGroup } from '../core/table-shape.ts'
import type { Transaction, Value } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import type { CollectedResource } from './collected.ts'
import { deleteResources } from './delete-resources.ts'
import type { StateMap } from './group-state.ts'
import { contentByKeys, type KnownResource, knownByKeys } from './known-resource.ts'
import { isSameIncarnation, type MergePlace, mergeResource } from './merge-resource.ts'
import { type PreparedResource, prepareResource } from './read-state.ts'
import { sameAsBefore } from './same-as-before.ts'
import type { Tally } from './tally.ts'
import { type Change, isTouched, writeMerged } from './write-merged.ts'

const changeTarget = loadTarget('stance.resource_change', {
  account_id: 'text',
  batch: 'text',
  resource_key: 'text',
  state: 'json',
  list_read_at: 'timestamptz',
})

/** Resources that are as they were, on their way to being marked as read: many at once, for it joins tables. */
export class SeenRows {
  readonly #rows: Value[][] = []
  readonly #accountId: string
  readonly #batch: string

  constructor(accountId: string, batch: string) {
    this.#accountId = accountId
    this.#batch = batch
  }

  add(key: string, state: StateMap, listReadAt: Date): void {
    this.#rows.push([this.#accountId, this.#batch, key, JSON.stringify(state), listReadAt])
  }

  get length(): number {
    return this.#rows.length
  }

  async flush(tx: Transaction): Promise<void> {
    if (this.#rows.length === 0) return
    await tx.load(changeTarget, this.#rows)
    const params = [this.#accountId, this.#batch]
    await tx.run(
      `update stance.resource as r set state = c.state, list_read_at = c.list_read_at
       from stance.resource_change c
       where c.account_id = $1 and c.batch = $2 and r.account_id = $1 and r.account_id = c.account_id
         and r.resource_key = c.resource_key`,
      params,
    )
    await tx.run('delete from stance.resource_change where account_id = $1 and batch = $2', params)
    this.#rows.length = 0
  }
}

const seenAtOnce = 5_000

/**
 * Writes some hundred resources of one cell: most are only marked as read, the others merged and written. Who
 * calls it flushes `seen` at the end.
 */
export async function applyChunk(
  tx: Transaction,
  place: MergePlace,
  resources: readonly CollectedResource[],
  seen: SeenRows,
  tally: Tally,
  isEmptyAccount = false,
): Promise<void> {
  const reads = resources.map((resource) => prepareResource(place.table, resource))
  const keys = reads.map(({ resource }) => resource.resource_key)
  const known = await knownByKeys(tx, place.account_id, isEmptyAccount ? [] : keys)
  const fresh: PreparedResource[] = []
  const slow: { read: PreparedResource; known: KnownResource }[] = []
  const replaced: string[] = []
  for (const read of reads) {
    const key = read.resource.resource_key
    const old = known.get(key)
    if (old === undefined) fresh.push(read)
    else if (old.table_name !== place.table.declared.name) tally.collisions.push(key)
    else if (!isSameIncarnation(old.seen_incarnation, read.resource.incarnation)) {
      // A read that is older than what is known speaks of the resource that was there before.
      if (!isOlder(read, old.list_read_at)) {
        replaced.push(key)
        fresh.push(read)
      }
    } else {
      const same = sameAsBefore(place, old, read)
      if (same === undefined) slow.push({ read, known: old })
      else {
        seen.add(key, same.state, same.list_read_at)
        tally.unchanged += 1
      }
    }
  }
  if (seen.length >= seenAtOnce) await seen.flush(tx)
  await deleteResources(tx, place.table, place.account_id, replaced, {
    reason: 'replaced',
    now: place.now,
    readAt: new Date(0),
    lost: tally.lost,
  })
  tally.deleted += replaced.length
  // What is said of the one that was there before ends with it.
  tally.gone.add(replaced)
  const changes = [...(await mergeFresh(tx, place, fresh)), ...(await mergeSlow(tx, place, slow))]
  await writeChanges(tx, place, changes, tally)
}

/** Merges known documents again with nothing read: what is too old ends, what a new declaration computes is written. */
export async function applyKnown(
  tx: Transaction,
  place: MergePlace,
  keys: readonly string[],
  tally: Tally,
): Promise<void> {
  const known = await knownByKeys(tx, place.account_id, keys)
  const content = await contentByKeys(tx, place.account_id, keys)
  const changes = [...known.values()].map((old): Change => {
    const whole = { ...old, content: content.get(old.resource_key) ?? {} }
    return { known: whole, merged: mergeResource(place, whole, undefined) }
  })
  await writeChanges(tx, place, changes, tally)
}

async function writeChanges(
  tx: Transaction,
  place: MergePlace,
  changes: readonly Change[],
  tally: Tally,
): Promise<void> {
  if (changes.length === 0) return
  await writeMerged(tx, place.table, place.account_id, changes, place.now)
  for (const change of changes) {
    if (change.known === undefined) tally.inserted += 1
    else if (isTouched(change) || change.merged.isVersion) tally.changed += 1
    else tally.unchanged += 1
    if (change.merged.isVersion) tally.versions += 1
    const { in_force, part } = change.merged.resource
    if (!in_force) tally.unlisted.set(part, (tally.unlisted.get(part) ?? 0) + 1)
  }
  tally.touched.add(changes.filter(isTouched).map(({ merged }) => merged.resource.resource_key))
  for (const { merged } of changes) tally.lost.add(merged.lost)
}

function isOlder(read: PreparedResource, moment: Date): boolean {
  const list = read.groups.get(listGroup)
  return list === undefined || list.read_at < moment.getTime()
}

async function mergeSlow(
  tx: Transaction,
  place: MergePlace,
  slow: readonly { read: PreparedResource; known: KnownResource }[],
): Promise<Change[]> {
  const keys = slow.map(({ known }) => known.resource_key)
  const content = await contentByKeys(tx, place.account_id, keys)
  return slow.map(({ read, known }) => {
    const whole = { ...known, content: content.get(known.resource_key) ?? {} }
    return { known: whole, merged: mergeResource(place, whole, read) }
  })
}

interface Tombstone {
  resource_key: string
  incarnation: string
  first_seen: Date
  read_at: Date
  deleted_at: Date
}

/** New resources, and those that return: with the incarnation that they had, they are the same ones again. */
async function mergeFresh(
  tx: Transaction,
  place: MergePlace,
  fresh: readonly PreparedResource[],
): Promise<Change[]> {
  const listed = fresh.filter(({ groups }) => groups.has(listGroup))
  if (listed.length === 0) return []
  const stones = await tombstonesOf(
    tx,
    place.account_id,
    listed.map(({ resource }) => resource.resource_key),
  )
  const returned: string[] = []
  const changes: Change[] = []
  for (const read of listed) {
    const { resource_key, incarnation } = read.resource
    const stone = stones.get(resource_key)
    if (stone !== undefined && isOlder(read, stone.read_at)) continue
    const isSame = stone !== undefined && isSameIncarnation(stone.incarnation, incarnation)
    if (isSame) returned.push(resource_key)
    changes.push({
      known: undefined,
      merged: mergeResource(place, undefined, read, isSame ? stone.first_seen : undefined),
    })
  }
  if (returned.length > 0) {
    await tx.run(
      `update stance.tombstone set returned_at = $3
       where account_id = $1 and resource_key in (select unnest($2::text[])) and returned_at is null`,
      [place.account_id, returned, place.now],
    )
  }
  return changes
}

async function tombstonesOf(
  tx: Transaction,
  accountId: string,
  keys: readonly string[],
): Promise<Map<string, Tombstone>> {
  const rows = await tx.query<Tombstone>(
    `select resource_key, incarnation, first_seen, read_at, deleted_at from stance.tombstone
     where account_id = $1 and resource_key in (select unnest($2::text[])) order by deleted_at nulls first`,
    [accountId, keys],
  )
  // The last of each stands.
  return new Map(rows.map((row) => [row.resource_key, row]))
}
