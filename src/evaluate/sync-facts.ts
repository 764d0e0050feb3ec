import { createHash } from 'node:crypto'
import type { Reader, Transaction } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import type { RuleSet } from './rule-set.ts'
import { nameOf } from './sort-facts.ts'

interface FactPrint {
  table: string
  column: string
  fingerprint: string
}

/** Tables of the facts that are not those that were derived last. */
export async function changedFacts(db: Reader, set: RuleSet): Promise<string[]> {
  const stored = await db.query<{ table_name: string; column_name: string; fingerprint: string }>(
    'select f.table_name, f.column_name, f.fingerprint from stance.fact f',
  )
  const before = new Map(
    stored.map((row) => [nameOf({ table: row.table_name, column: row.column_name }), row.fingerprint]),
  )
  const changed = printsOf(set).filter((fact) => before.get(nameOf(fact)) !== fact.fingerprint)
  return [...new Set(changed.map(({ table }) => table))]
}

/** Keeps that all facts are derived as they are loaded now; said last, so that a crash before it derives them again. */
export async function keepFacts(tx: Transaction, set: RuleSet): Promise<void> {
  await tx.run('delete from stance.fact')
  await tx.load(
    loadTarget('stance.fact', { table_name: 'text', column_name: 'text', fingerprint: 'text' }),
    printsOf(set).map(({ table, column, fingerprint }) => [table, column, fingerprint]),
  )
}

/** Facts of tables that are going to be made anew: they are derived again. */
export async function forgetFacts(tx: Transaction, tables: readonly string[]): Promise<void> {
  await tx.run('delete from stance.fact where table_name = any($1::text[])', [tables])
}

function printsOf(set: RuleSet): FactPrint[] {
  return set.facts.map(({ fact: { table, column }, when, params }) => {
    const text = JSON.stringify([when.text, params])
    return { table, column, fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 16) }
  })
}
