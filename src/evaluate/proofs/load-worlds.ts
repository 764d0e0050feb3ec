import { type Catalogue, sqlColumns, type TableShape } from '../../core/table-shape.ts'
import type { Database } from '../../db/database.ts'
import { scratchCells } from '../../lake/materialize-world.ts'
import { type ProofWorld, underAccount } from './proof-world.ts'

/** Loads worlds into one scratch schema, each under an account of its own. */
export async function loadWorlds(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  variants: readonly { world: ProofWorld }[],
): Promise<void> {
  const rows = new Map<string, ProofWorld['rows'] extends Map<string, infer R> ? R : never>()
  const cells: ProofWorld['cells'] = []
  for (const [nr, variant] of variants.entries()) {
    variant.world = underAccount(variant.world, `v${nr}`)
    for (const [table, own] of variant.world.rows) {
      const all = rows.get(table) ?? []
      all.push(...own)
      rows.set(table, all)
    }
    cells.push(...variant.world.cells)
  }
  await db.transaction(
    async (tx) => {
      for (const [table, all] of rows) {
        const columns = sqlColumns(catalogue.get(table) as TableShape)
        await tx.load(
          { table: `${schema}.${table}`, columns },
          all.map((row) => columns.map(({ name }) => row[name] ?? null)),
        )
      }
      await tx.load(
        scratchCells(schema),
        cells.map((cell) => [
          cell.account_id,
          cell.table_name,
          cell.part,
          cell.in_force ? 'ok' : 'denied',
          cell.in_force,
          null,
        ]),
      )
    },
    { label: 'proofs' },
  )
}
