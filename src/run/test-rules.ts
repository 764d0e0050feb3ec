import { openDatabase } from '../db/open-database.ts'
import { unitOfFact, unitOfRule } from '../evaluate/proofs/proof-unit.ts'
import { type ProofReport, proveUnits } from '../evaluate/proofs/prove.ts'
import type { ReadyFact, ReadyRule } from '../evaluate/rule-set.ts'
import { sayLackingColumns } from './lacking-columns.ts'
import { catalogueWithFacts } from './lint-rules.ts'

/** Runs the proofs of rules and facts in a store of their own, in memory. */
export async function testRules(
  rules: readonly ReadyRule[],
  facts: readonly ReadyFact[],
  follow: (done: number, all: number) => void = () => {},
): Promise<ProofReport> {
  const catalogue = await catalogueWithFacts()
  const db = await openDatabase({ path: ':memory:' })
  try {
    const units = [...rules.map(unitOfRule), ...facts.map(unitOfFact)]
    const report = await proveUnits(db, catalogue, units, { report: follow })
    return { ...report, failing: sayLackingColumns(catalogue.shapes, units, report.failing) }
  } finally {
    await db.close()
  }
}
