import { openDatabase } from '../db/open-database.ts'
import { type ProofUnit, unitOfFact, unitOfRule } from '../evaluate/proofs/proof-unit.ts'
import { type ProofReport, proveUnits } from '../evaluate/proofs/prove.ts'
import type { ReadyRule } from '../evaluate/rule-set.ts'
import { catalogueWithFacts } from './lint-rules.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

/** Runs the proofs of rules (and with `facts` those of facts) in a store of their own, in memory. */
export async function testRules(
  rules: readonly ReadyRule[],
  settings: RunSettings['rules'],
  options: { facts: boolean },
): Promise<ProofReport> {
  const catalogue = await catalogueWithFacts()
  const units: ProofUnit[] = rules.map(unitOfRule)
  if (options.facts) units.push(...(await loadDeclared(settings)).set.facts.map(unitOfFact))
  const db = await openDatabase({ path: ':memory:' })
  try {
    return await proveUnits(db, catalogue, units)
  } finally {
    await db.close()
  }
}
