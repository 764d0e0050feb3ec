import { liveWorld } from '../core/world.ts'
import type { Database } from '../db/database.ts'
import type { Judge } from './judge-pending.ts'
import { compileTablePass } from './language/compile-table-pass.ts'
import { passRules } from './table-verdicts.ts'

/** Which rules of a table stop the engine in this account, each tried alone. */
export async function findBrokenRules(
  db: Database,
  judge: Judge,
  account_id: string,
  table: string,
): Promise<string[]> {
  const found: string[] = []
  for (const slot of judge.slots.get(table) ?? []) {
    const sql = compileTablePass({
      table,
      rules: passRules(judge.set, [slot], new Set()),
      world: liveWorld,
      restriction: { accountIds: [account_id] },
      now: judge.now(),
      catalogue: judge.set.catalogue,
      engine: db.engine,
    })
    try {
      await db.query(
        `/* pull: what failed is tried alone */ select count(*) as n, max(j.verdicts) as last from (${sql}) j`,
      )
    } catch {
      found.push(slot.rule_id)
    }
  }
  return found
}
