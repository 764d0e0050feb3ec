import type { Reader } from '../db/database.ts'
import type { ChangedFinding } from '../findings/apply-finding-changes.ts'
import { confirmedFor, unconfirmedBehind } from './confirmed-for.ts'
import type { EvidenceFinderOptions } from './find-evidence.ts'
import type { Unread } from './language/find-unread.ts'
import { evidenceKey, readEvidence } from './language/read-evidence.ts'
import type { Told } from './older-row.ts'
import { reasonsFor, reasonsOf } from './read-reason.ts'

/** Something that a verdict stands on as it was, since reading it fails. */
export type Kept = Told & {
  /** Of when it is. */
  ok_at: Date | null
}

/**
 * What a definite verdict rests on that its last read did not confirm: with only what was confirmed, the verdict would be
 * unknown because of it.
 */
export async function findKept(
  reader: Reader,
  { set, now }: EvidenceFinderOptions,
  finding: ChangedFinding,
): Promise<Kept[]> {
  const ready = set.rules.get(finding.rule_id)
  if (ready === undefined || finding.verdict === 'unknown') return []
  const { resource } = ready.rule
  const { kept } = await unconfirmedBehind(reader, set, [resource], finding.account_id)
  const { confirmed } = confirmedFor(set, resource, { kept, awaited: new Set() })
  if (confirmed === undefined) return []
  const facts = new Map(
    set.facts.map(({ fact, when, params }) => [`${fact.table}.${fact.column}`, { when, params }]),
  )
  const source = { reader, catalogue: set.catalogue, now: now(), facts, world: confirmed }
  const evidence = await readEvidence(source, ready, [finding])
  const unread = evidence.get(evidenceKey(finding))?.unread ?? []
  const told = await reasonsFor(unread, reasonsOf(reader))
  const failing = told.filter(({ state }) => state === 'error')
  return Promise.all(failing.map(async (one) => ({ ...one, ok_at: await lastRead(reader, one) })))
}

async function lastRead(reader: Reader, one: Unread): Promise<Date | null> {
  const [read] =
    'resource_key' in one
      ? await reader.query<{ ok_at: Date | null }>(
          `select u.ok_at from stance.unread_group u
           where u.account_id = $1::text and u.resource_key = $2::text and u.group_name = $3::text`,
          [one.account_id, one.resource_key, one.group],
        )
      : await reader.query<{ ok_at: Date | null }>(
          `select c.ok_at from stance.cell c
           where c.account_id = $1::text and c.table_name = $2::text and c.part = $3::text`,
          [one.account_id, one.table, one.part],
        )
  return read?.ok_at ?? null
}
