import type { State } from '../core/state.ts'
import type { Param, Reader } from '../db/database.ts'
import { readsOfRule } from '../evaluate/rule-reads.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'

/** Something that a rule reads and that could not be read: a cell (group_name '') or a group of a resource. */
export interface UnreadThing {
  table_name: string
  part: string
  /** '' for a cell: the whole list. */
  resource_key: string
  group_name: string
  state: State
  since: Date
  code: string
  message: string
  action: string
  denied_by: string
  next: string
}

interface Judged {
  rule_id: string
  account_id: string
  region: string
  table_name: string
  resource_key: string
}

/** One thing may be unread in every region. */
const most = 100

/** Why a finding is unknown, as coverage tells it now: the cells and groups that its rule reads and has not got. */
export async function unreadBehind(db: Reader, finding: Judged, set: RuleSet): Promise<UnreadThing[]> {
  const ready = set.rules.get(finding.rule_id)
  if (ready === undefined) return []
  const found: UnreadThing[] = []
  for (const read of readsOfRule(set, ready)) {
    const params: Param[] = [finding.account_id, read.table, read.group]
    const conditions = [
      read.scope === 'accounts' ? '' : 'u.account_id = $1::text',
      'u.table_name = $2::text',
      // A cell stands for all of its groups.
      `(u.group_name = $3::text or u.group_name = '')`,
      'not u.in_force',
    ]
    if (read.scope === 'accounts') conditions[0] = '$1::text is not null'
    if (read.scope === 'row') {
      params.push(finding.resource_key)
      conditions.push(`(u.resource_key = $${params.length}::text or u.resource_key = '')`)
    }
    if (read.scope === 'row' || read.scope === 'region') {
      params.push(finding.region)
      conditions.push(`(u.resource_key <> '' or u.part in ($${params.length}::text, 'global', '*'))`)
    }
    found.push(
      ...(await db.query<UnreadThing>(
        `select u.table_name, u.part, u.resource_key, u.group_name, u.state, u.since, u.code, u.message, u.action,
           u.denied_by, u.next
         from public.coverage u where ${conditions.join(' and ')}
         order by u.group_name collate "C" nulls last, u.part collate "C" nulls last, u.resource_key collate "C" nulls last limit ${most}`,
        params,
      )),
    )
  }
  const byKey = new Map(
    found.map((one) => [JSON.stringify([one.table_name, one.part, one.resource_key, one.group_name]), one]),
  )
  return [...byKey.values()].slice(0, most)
}
