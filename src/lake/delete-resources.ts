import type { Transaction } from '../db/database.ts'
import type { LakeTable } from './catalogue.ts'
import { lastContents } from './group-contents.ts'
import { contentByKeys, knownByKeys } from './known-resource.ts'
import { namesOf } from './names-of.ts'
import { projectResource } from './project-resource.ts'
import type { KeyList } from './tally.ts'
import { deleteTypedRows } from './write-typed-rows.ts'

export type DeletionReason = 'gone' | 'replaced' | 'off' | 'closed'

export interface Deletion {
  reason: DeletionReason
  now: Date
  /** When it was known to be gone: a read that is older brings nothing back. */
  readAt: Date
  /** Takes the names of their rows, where others may still name them. */
  lost?: KeyList
}

const versionColumns = `table_name, provider, cloud_partition, region, part, owner_account_id, parent_key, native_id,
  name, incarnation, tags, content, state, list_state, in_force, in_force_since, hash, first_seen`
const keysPerStatement = 2_000

/** Closes the open version of these resources; the rows themselves stay. */
export async function closeVersions(
  tx: Transaction,
  accountId: string,
  keys: readonly string[],
  now: Date,
  closedAs: DeletionReason | 'changed',
): Promise<void> {
  if (keys.length === 0) return
  await tx.run(
    `insert into stance.resource_version (account_id, resource_key, valid_to, valid_from, closed_as, ${versionColumns})
     select account_id, resource_key, greatest($3::timestamptz, valid_from + interval '1 millisecond'), valid_from,
       $4::text, ${versionColumns}
     from stance.resource where account_id = $1 and resource_key in (select unnest($2::text[]))`,
    [accountId, keys, now, closedAs],
  )
}

/** Deletes resources of one table; their documents become closed versions, and each leaves a tombstone. */
export async function deleteResources(
  tx: Transaction,
  table: LakeTable,
  accountId: string,
  keys: readonly string[],
  { reason, now, readAt, lost }: Deletion,
): Promise<void> {
  for (let at = 0; at < keys.length; at += keysPerStatement) {
    const some = keys.slice(at, at + keysPerStatement)
    await closeVersions(tx, accountId, some, now, reason)
    await tx.run(
      `insert into stance.tombstone (account_id, resource_key, deleted_at, table_name, region, part, native_id, name,
         incarnation, first_seen, read_at, reason)
       select account_id, resource_key, greatest($3::timestamptz, valid_from + interval '1 millisecond'), table_name,
         region, part, native_id, name, incarnation, first_seen, $4::timestamptz, $5::text
       from stance.resource where account_id = $1 and resource_key in (select unnest($2::text[]))`,
      [accountId, some, now, readAt, reason],
    )
    if (lost !== undefined) await gatherNames(tx, table, accountId, some, lost)
    await deleteTypedRows(tx, table, accountId, some)
    for (const own of ['unread_group', 'resource_tag', 'resource']) {
      await tx.run(
        `delete from stance.${own} where account_id = $1 and resource_key in (select unnest($2::text[]))`,
        [accountId, some],
      )
    }
  }
}

/** All texts of what was last read of them: any of them may be what something else is called. */
async function gatherNames(
  tx: Transaction,
  table: LakeTable,
  accountId: string,
  keys: readonly string[],
  names: KeyList,
): Promise<void> {
  const content = await contentByKeys(tx, accountId, keys)
  for (const known of (await knownByKeys(tx, accountId, keys)).values()) {
    const { resource_key, region, cloud_partition, state } = known
    const where = { account_id: accountId, region, partition: cloud_partition }
    const last = lastContents(state, content.get(resource_key) ?? {})
    names.add(namesOf(projectResource(table.declared, where, last)))
  }
  names.add(keys)
}
