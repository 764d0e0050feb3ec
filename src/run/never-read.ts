import type { ResourceIdentity } from '../collect/kernel/identify-resource.ts'
import type { Reader } from '../db/database.ts'
import type { StateMap } from '../lake/group-state.ts'
import { isSameIncarnation } from '../lake/merge-resource.ts'

/** Which of the groups were never read of each resource, by its key: of one that is new, all of them. */
export async function neverRead(
  db: Reader,
  accountId: string,
  resources: readonly ResourceIdentity[],
  groups: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db.query<{ resource_key: string; seen_incarnation: string; state: string }>(
    `select r.resource_key, r.seen_incarnation, r.state from stance.resource r
     where r.account_id = $1::text and r.resource_key in (select unnest($2::text[]))`,
    [accountId, resources.map(({ resource_key }) => resource_key)],
  )
  const known = new Map(rows.map((row) => [row.resource_key, row]))
  const missing = new Map<string, string[]>()
  for (const { resource_key, incarnation } of resources) {
    const before = known.get(resource_key)
    const isKnown = before !== undefined && isSameIncarnation(before.seen_incarnation, incarnation)
    const state = isKnown ? (JSON.parse(before.state) as StateMap) : {}
    // What nobody could try yet is as good as new; what was refused waits for its turn.
    const never = groups.filter((name) => (state[name]?.state ?? 'not_collected') === 'not_collected')
    if (never.length > 0) missing.set(resource_key, never)
  }
  return missing
}
