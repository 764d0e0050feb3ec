import type { Database } from '../db/database.ts'
import { deleteByAccount } from '../db/delete-by-account.ts'

const working = ['verdict_change', 'finding_change', 'finding_evidence'] as const

/**
 * Deletes what working tables hold. Every batch is written and deleted within one transaction, so a row that another
 * transaction can see belongs to nobody, however many workers there are: a killed one's went with its transaction.
 */
export async function sweepWorkingRows(db: Database): Promise<number> {
  let swept = 0
  for (const name of working) swept += await deleteByAccount(db, `stance.${name}`, 'true')
  return swept
}
