import { type ColumnShape, derivedGroup, sqlColumns } from '../core/table-shape.ts'
import type { Database, Reader, Transaction } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import { tableColumns } from '../db/table-columns.ts'
import type { LakeCatalogue, LakeTable } from './catalogue.ts'

/** Whether any table is another than the one whose rows were made last. */
export async function projectionsChanged(db: Reader, catalogue: LakeCatalogue): Promise<boolean> {
  const stored = await db.query<{ table_name: string; fingerprint: string }>(
    'select p.table_name, p.fingerprint from stance.projection p',
  )
  const before = new Map(stored.map(({ table_name, fingerprint }) => [table_name, fingerprint]))
  return [...catalogue.tables].some(([name, { projection }]) => before.get(name) !== projection)
}

/** Keeps that all rows are those of the tables as they are now; said last, so that a crash before it begins again. */
export async function keepProjections(tx: Transaction, catalogue: LakeCatalogue): Promise<void> {
  await tx.run('delete from stance.projection')
  await tx.load(
    loadTarget('stance.projection', { table_name: 'text', fingerprint: 'text' }),
    [...catalogue.tables].map(([name, { projection }]) => [name, projection]),
  )
}

/**
 * Before what is missing is made: tables of which the store lacks a typed table or a column. What documents say is then
 * missing from typed rows whatever declaration made those, so that all of them are to be made again; and so are facts.
 */
export async function forgetLostRows(db: Database, catalogue: LakeCatalogue): Promise<string[]> {
  const there = await tableColumns(db, 'lake')
  const tables = [...catalogue.tables.values()]
  const lost = tables.filter((table) => lacks(table, there, () => true))
  // A fact's column is filled from other rows, not from documents.
  const ofDocuments = lost.filter((table) => lacks(table, there, ({ group }) => group !== derivedGroup))
  if (ofDocuments.length > 0) {
    const current = ofDocuments.map(({ declared, projection }) => `${declared.name} ${projection}`)
    await db.transaction(
      async (tx) => {
        await tx.run(
          `update stance.resource set projection = '' where table_name || ' ' || projection = any($1::text[])`,
          [current],
        )
        await tx.run('delete from stance.projection where table_name = any($1::text[])', [
          ofDocuments.map(({ declared }) => declared.name),
        ])
      },
      { label: 'lost tables' },
    )
  }
  return lost.map(({ declared }) => declared.name)
}

function lacks(
  { shape, children }: LakeTable,
  there: ReadonlyMap<string, ReadonlySet<string>>,
  counts: (column: Partial<ColumnShape>) => boolean,
): boolean {
  return [shape, ...children].some((one) => {
    const has = there.get(one.name)
    if (has === undefined) return true
    const declared = new Map(one.columns.map((column) => [column.name, column]))
    return sqlColumns(one).some(({ name }) => !has.has(name) && counts(declared.get(name) ?? {}))
  })
}
