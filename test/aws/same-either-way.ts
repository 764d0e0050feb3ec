import { expect } from 'vitest'
import { listGroup } from '../../src/core/table-shape.ts'
import type { Lab } from './collect-table.ts'

/**
 * Every resource of a table that was collected, read by itself: the same columns and child rows as in bulk. Groups
 * without a single read, and columns that a way says it does not carry, are left out.
 */
export async function expectSameEitherWay(lab: Lab, table: string, part?: string): Promise<void> {
  const known = await lab.db.query<{ native_id: string; resource_key: string }>(
    `select r.native_id, r.resource_key from stance.resource r
     where r.table_name = $1 and (r.part = $2 or $2 = '') order by r.resource_key nulls last limit 20`,
    [table, part ?? ''],
  )
  expect(known.length, `${table} has no row to compare`).toBeGreaterThan(0)
  const declared = lab.registry.table(table)
  for (const { native_id, resource_key } of known) {
    const single = await lab.readOne(table, native_id, part)
    expect(single.end, `${table} ${native_id}: ${JSON.stringify(single)}`).toBe('found')
    if (single.end !== 'found') continue
    expect(single.resource.resource_key).toBe(resource_key)
    const { columns, children, failures } = lab.project(table, single.resource)
    expect(failures).toEqual({})
    const [row] = await lab.db.query(`select * from lake.${table} where resource_key = $1`, [resource_key])
    for (const [group, way] of Object.entries(single.resource.groups)) {
      const own = group === listGroup ? declared.list.columns : declared.groups[group as never]
      const names = Object.keys(group === listGroup ? (own as object) : (own as { columns: object }).columns)
      for (const name of names) {
        if (way.carries !== undefined && !way.carries.includes(name)) continue
        expect(columns[name], `${table}.${name} of ${native_id}`).toEqual(row?.[name])
      }
      for (const [child, { group: of }] of Object.entries(declared.children ?? {})) {
        if (of !== group || way.carries !== undefined) continue
        const rows = await lab.db.query(`select * from lake.${child} where resource_key = $1`, [resource_key])
        expect(spelled(lab, child, children[child]!), child).toEqual(spelled(lab, child, rows))
      }
    }
  }
}

/** Rows as text, their own columns only, in an order that does not depend on the provider's. */
function spelled(lab: Lab, child: string, rows: readonly Record<string, unknown>[]): string[] {
  const names = lab.catalogue.shapes.get(child)!.columns.map(({ name }) => name)
  return rows.map((row) => JSON.stringify(names.map((name) => row[name]))).sort()
}
