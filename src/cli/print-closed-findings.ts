import { type ClosedFinding, closedFindings } from '../run/closed-findings.ts'
import type { FindingsContext } from './commands/findings.ts'
import { pageSize } from './page-size.ts'
import { sayClosed } from './say-closed.ts'
import { counted, showMoment } from './screen/show-value.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

/** `stance findings --closed`, the last closed first. */
export async function listClosed(
  { options, out, json }: FindingsContext,
  db: Parameters<typeof closedFindings>[0],
): Promise<number> {
  const { rule, account, region, table, resource, since } = options
  const filter = { rule, account, region, table, resource, since }
  const { items, total } = await closedFindings(db, filter, pageSize(options))
  if (json) {
    await writeJsonList(out, asChunks(items), { total })
    return 0
  }
  if (total === 0) {
    const narrowed = Object.values(filter).some((one) => one !== undefined)
    out.flow(narrowed ? 'No closed finding is like that. Leave out a filter.' : 'No finding has been closed.')
    return 0
  }
  out.table(
    [
      { title: 'id', whole: true },
      { title: 'rule' },
      { title: 'resource' },
      { title: 'account', whole: true },
      { title: 'it was', whole: true },
      { title: 'closed (UTC)', whole: true },
      { title: 'because' },
    ],
    items.map((one: ClosedFinding) => [
      one.finding_id,
      one.rule_id,
      one.resource_name,
      one.account_id,
      one.verdict,
      showMoment(one.closed_at),
      sayClosed(one.closed_as, one.definite_verdict !== ''),
    ]),
  )
  out.line()
  out.line(
    `${counted(total, 'closed finding')}${items.length < total ? `; the last ${items.length} are shown (--all)` : ''}`,
  )
  return 0
}
