import type { Param, Transaction } from '../db/database.ts'
import { inScope, type Scope } from './scope.ts'

/** Rows of a working table that belong to one judgement. */
export async function countBatch(
  tx: Transaction,
  relation: string,
  batch: string,
  accounts: Scope,
): Promise<number> {
  const params: Param[] = [batch]
  const rows = await tx.query<{ n: number }>(
    `select count(*) as n from ${relation} c where c.batch = $1::text${inScope('c', accounts, params)}`,
    params,
  )
  return rows[0]?.n ?? 0
}
