import type { Transaction } from '../db/database.ts'
import type { CellEnd, CellId, Missing } from './collected.ts'

/** So many rows may go without a second look, whatever share of the cell they are. */
const smallDeletion = 20
const sampleSize = 10

/** A deletion too big to believe on one listing's word: the write is undone, asked about, and done again. */
export class NeedsConfirmation extends Error {
  readonly sample: readonly Missing[]

  constructor(sample: readonly Missing[]) {
    super('more than half of a cell would be deleted')
    this.sample = sample
  }
}

/**
 * Rows of a cell that its read did not list any more. Only a read to its end vouches for that: of the whole
 * cell, or (tables listed within a parent) of the parents that were read to their end. Rows written since the
 * listing began are newer than it and stay.
 */
export async function staleResources(
  tx: Transaction,
  { account_id, table, part }: CellId,
  end: CellEnd,
  seen: ReadonlyMap<string, string>,
): Promise<{ stale: Missing[]; known: number; unlisted: number }> {
  const params = [account_id, table, part, end.listed_at]
  const [counted] = await tx.query<{ known: number; older: number; unlisted: number }>(
    `select count(*) as known, count(*) filter (where list_read_at < $4) as older,
       count(*) filter (where not in_force) as unlisted
     from stance.resource where account_id = $1 and table_name = $2 and part = $3`,
    params,
  )
  const { known, older, unlisted } = counted!
  const isWhole = end.state === 'ok'
  const wholeParents = new Set(end.whole_parents)
  if (older === 0 || !(isWhole || wholeParents.size > 0)) return { stale: [], known, unlisted }
  const rows = await tx.query<Missing & { parent_key: string }>(
    `select resource_key, native_id, region, parent_key from stance.resource
     where account_id = $1 and table_name = $2 and part = $3 and list_read_at < $4`,
    params,
  )
  const stale = rows.filter(({ resource_key, parent_key }) => {
    return (isWhole || wholeParents.has(parent_key)) && !seen.has(resource_key)
  })
  return { stale, known, unlisted }
}

/** Rows of a cell of which nothing is in force, whoever wrote them. */
export async function countUnlisted(tx: Transaction, { account_id, table, part }: CellId): Promise<number> {
  const [counted] = await tx.query<{ unlisted: number }>(
    `select count(*) as unlisted from stance.resource
     where account_id = $1 and table_name = $2 and part = $3 and not in_force`,
    [account_id, table, part],
  )
  return counted!.unlisted
}

export function isBigDeletion(stale: number, known: number): boolean {
  return stale > smallDeletion && stale * 2 > known
}

/** Spread over all that is missing. */
export function sampleOf(stale: readonly Missing[]): Missing[] {
  const step = Math.max(1, Math.floor(stale.length / sampleSize))
  const some = stale.filter((_, at) => at % step === 0).slice(0, sampleSize)
  return some.map(({ resource_key, native_id, region }) => ({ resource_key, native_id, region }))
}
