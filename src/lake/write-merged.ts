import { isRead } from '../core/state.ts'
import type { LoadTarget, Transaction, Value } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import type { LakeTable } from './catalogue.ts'
import { closeVersions } from './delete-resources.ts'
import { type KnownResource, resourceTarget, toResourceRow } from './known-resource.ts'
import type { Merged } from './merge-resource.ts'
import { deleteTypedRows, factsBefore, loadTypedRows, type TypedResource } from './write-typed-rows.ts'

/** What a document was, and what it is now. `known` is missing for a new resource. */
export interface Change {
  known: KnownResource | undefined
  merged: Merged
}

/** Intervals that ended: of a group of a resource, or (with neither named) of a cell. */
export const historyTarget = loadTarget('stance.coverage_history', {
  account_id: 'text',
  table_name: 'text',
  part: 'text',
  resource_key: 'text',
  group_name: 'text',
  valid_to: 'timestamptz',
  valid_from: 'timestamptz',
  state: 'text',
  in_force: 'boolean',
  code: 'text',
  action: 'text',
  denied_by: 'text',
})

const tagTarget = loadTarget('stance.resource_tag', {
  account_id: 'text',
  resource_key: 'text',
  tag_key: 'text',
  tag_value: 'text',
  table_name: 'text',
  region: 'text',
})

const unreadTarget = loadTarget('stance.unread_group', {
  account_id: 'text',
  resource_key: 'text',
  group_name: 'text',
  table_name: 'text',
  region: 'text',
  part: 'text',
  state: 'text',
  in_force: 'boolean',
  since: 'timestamptz',
  ok_at: 'timestamptz',
  code: 'text',
  message: 'text',
  action: 'text',
  denied_by: 'text',
  next: 'text',
})

/** Writes merged documents of one account and table: versions, history, rows, tags, typed rows. */
export async function writeMerged(
  tx: Transaction,
  table: LakeTable,
  accountId: string,
  changes: readonly Change[],
  now: Date,
): Promise<void> {
  const old = changes.filter(({ known }) => known !== undefined)
  const keyOf = ({ merged }: Change) => merged.resource.resource_key
  await closeVersions(tx, accountId, old.filter(({ merged }) => merged.isVersion).map(keyOf), now, 'changed')
  await load(tx, historyTarget, changes.flatMap(historyRows))
  await deleteOwn(tx, 'resource', accountId, old.map(keyOf))
  await load(
    tx,
    resourceTarget,
    changes.map(({ merged }) => toResourceRow(merged.resource)),
  )
  await writeTags(tx, accountId, changes)
  const unread = changes.filter(
    (change) => unreadRows(change.merged.resource).length > 0 || wasUnread(change),
  )
  await deleteOwn(tx, 'unread_group', accountId, unread.filter(wasUnread).map(keyOf))
  await load(
    tx,
    unreadTarget,
    unread.flatMap(({ merged }) => unreadRows(merged.resource)),
  )
  const typed = changes.filter(isTouched)
  const known = typed.filter((change) => change.known !== undefined)
  const facts = await factsBefore(tx, table, accountId, known.map(keyOf))
  await deleteTypedRows(tx, table, accountId, known.map(keyOf))
  const rows = typed.map(({ merged }) => toTyped(merged))
  await loadTypedRows(tx, table, rows, 'lake', facts)
}

/** The typed row or its child rows are not as they were. */
export function isTouched({ known, merged }: Change): boolean {
  return (
    known === undefined ||
    known.row_hash !== merged.resource.row_hash ||
    known.projection !== merged.resource.projection
  )
}

function toTyped({ resource, projection }: Merged): TypedResource {
  const { account_id, resource_key, region, owner_account_id, part, in_force, state } = resource
  return { account_id, resource_key, region, owner_account_id, part, in_force, state, projection }
}

async function load(tx: Transaction, target: LoadTarget, rows: readonly (readonly Value[])[]): Promise<void> {
  if (rows.length > 0) await tx.load(target, rows)
}

async function deleteOwn(
  tx: Transaction,
  name: string,
  accountId: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return
  await tx.run(
    `delete from stance.${name} where account_id = $1 and resource_key in (select unnest($2::text[]))`,
    [accountId, keys],
  )
}

function historyRows({ merged }: Change): Value[][] {
  const { account_id, table_name, part, resource_key, state } = merged.resource
  return merged.history.map(({ group, state: was, in_force, from, failure }) => [
    account_id,
    table_name,
    part,
    resource_key,
    group,
    new Date(state[group]!.since),
    new Date(from),
    was,
    in_force,
    failure?.code ?? '',
    failure?.action ?? '',
    failure?.denied_by ?? '',
  ])
}

async function writeTags(tx: Transaction, accountId: string, changes: readonly Change[]): Promise<void> {
  const changed = changes.filter(({ known, merged }) => {
    const { tags, region } = merged.resource
    return (known?.tags ?? '{}') !== (tags ?? '{}') || (known !== undefined && known.region !== region)
  })
  const old = changed.filter(({ known }) => known !== undefined)
  await deleteOwn(
    tx,
    'resource_tag',
    accountId,
    old.map(({ merged }) => merged.resource.resource_key),
  )
  const rows = changed.flatMap(({ merged: { resource } }) =>
    Object.entries(JSON.parse(resource.tags ?? '{}') as Record<string, string>).map(([key, value]) => {
      return [resource.account_id, resource.resource_key, key, value, resource.table_name, resource.region]
    }),
  )
  await load(tx, tagTarget, rows)
}

function wasUnread({ known }: Change): boolean {
  return known !== undefined && Object.values(known.state).some(({ state }) => !isRead(state))
}

function unreadRows(resource: KnownResource): Value[][] {
  const { account_id, resource_key, table_name, region, part } = resource
  return Object.entries(resource.state).flatMap(([group, { state, in_force, since, ok_at, failure }]) => {
    if (isRead(state)) return []
    const why = [
      failure?.code ?? '',
      failure?.message ?? '',
      failure?.action ?? '',
      failure?.denied_by ?? '',
      failure?.next ?? '',
    ]
    const ok = ok_at === undefined ? null : new Date(ok_at)
    return [
      [
        account_id,
        resource_key,
        group,
        table_name,
        region,
        part,
        state,
        in_force,
        new Date(since),
        ok,
        ...why,
      ],
    ]
  })
}
