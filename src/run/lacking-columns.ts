import type { Catalogue } from '../core/table-shape.ts'
import { neededTables } from '../evaluate/proofs/make-variants.ts'
import type { Failing, ProofUnit } from '../evaluate/proofs/proof-unit.ts'
import { worldOfProof } from '../evaluate/proofs/proof-world.ts'

/** A proof that is unknown because it leaves out a column that the condition reads says which one. */
export function sayLackingColumns(
  catalogue: Catalogue,
  units: readonly ProofUnit[],
  failing: readonly Failing[],
): Failing[] {
  const byId = new Map(units.map((unit) => [unit.id, unit]))
  return failing.map((one) => {
    const unit = byId.get(one.unit)
    if (unit === undefined || one.kind !== 'live') return one
    for (const [nr, { proof }] of unit.proofs.entries()) {
      if (!one.message.startsWith(`${proof.name ?? `proof ${nr + 1} `}`)) continue
      const lacking = lackingColumns(catalogue, unit, nr)
      if (lacking.length === 0) continue
      const name = proof.name ?? `proof ${nr + 1}`
      const message = `${name} does not give ${lacking.join(', ')}, which the condition reads: what a proof leaves out counts as unread, so the verdict is unknown. Give it a value.`
      return { ...one, message }
    }
    return one
  })
}

/** `table.column` of rows that the proof has, or `column` of the judged one. */
function lackingColumns(catalogue: Catalogue, unit: ProofUnit, nr: number): string[] {
  const proof = unit.proofs[nr]?.proof
  if (proof === undefined) return []
  const { rows } = worldOfProof(catalogue, unit.table, neededTables(catalogue, unit), proof)
  const conditions = [unit.pass, ...(unit.applies === undefined ? [] : [unit.applies])]
  const lacking = conditions.flatMap(({ dependencies }) =>
    dependencies.reads.flatMap(({ table, columns }) =>
      columns
        .filter((column) => (rows.get(table) ?? []).some((row) => row[column] === null))
        .map((column) => (table === unit.table ? column : `${table}.${column}`)),
    ),
  )
  return [...new Set(lacking)]
}
