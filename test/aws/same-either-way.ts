import { expect } from 'vitest'
import { groupsOf, otherGroups } from '../../src/collect/kernel/table-reads.ts'
import { listGroup } from '../../src/core/table-shape.ts'
import { forever, never } from '../../src/lake/columns.ts'
import type { AnyTable } from '../../src/lake/define-table.ts'
import { getResource } from '../../src/lake/read-resources.ts'
import type { Lab } from './collect-table.ts'

/** What was compared of a table, over all its resources. */
export interface Compared {
  /**
   * Columns and child tables that single reads fill from other answers than bulk does, and of which no resource had
   * anything: nobody could tell a wrong read from a right one.
   */
  blank: string[]
}

/** What a write says that found all as it was. */
const nothing = { versions: 0, inserted: 0, changed: 0, deleted: 0 }

/**
 * Every resource of a table that was collected, read by itself: it is called the same, and has the same columns and child
 * rows as in bulk, and written into the lake it changes nothing. Groups without a single read are left out; of a group that a
 * way fills in part, the rest stays as it was.
 */
export async function expectSameEitherWay(lab: Lab, table: string): Promise<Compared> {
  const keys = await lab.db.query<{ account_id: string; resource_key: string }>(
    `select r.account_id, r.resource_key from stance.resource r
     where r.table_name = $1 order by r.resource_key nulls last limit 20`,
    [table],
  )
  expect(keys.length, `${table} has no row to compare`).toBeGreaterThan(0)
  const declared = lab.registry.table(table)
  const [otherwise, filled] = [new Set<string>(), new Set<string>()]
  for (const { account_id, resource_key } of keys) {
    const known = (await getResource(lab.db, account_id, resource_key))!
    const what = `${table} ${known.native_id}`
    const single = await lab.readOne(table, known.native_id, known)
    expect(single.end, `${what}: ${JSON.stringify(single)}`).toBe('found')
    if (single.end !== 'found') continue
    const { groups, ...identity } = single.resource
    const named = { ...known, tags: JSON.parse(known.tags ?? '{}') }
    const names = Object.keys(identity) as (keyof typeof identity)[]
    expect(identity, what).toEqual(Object.fromEntries(names.map((name) => [name, named[name]])))
    expect(Object.keys(groups).sort(), what).toEqual(groupsRead(declared).sort())
    const { columns, children, failures } = lab.project(table, single.resource, known)
    expect(failures, what).toEqual({})
    const [row] = await lab.db.query(
      `select * from lake.${table} where account_id = $1 and resource_key = $2`,
      [account_id, resource_key],
    )
    for (const [group, way] of Object.entries(groups)) {
      expect([group, way.state], `${what}: ${JSON.stringify(way.failure)}`).toEqual([
        group,
        known.state[group]?.state,
      ])
      expect(['ok', 'absent', 'unsupported'], `${what}: ${group}`).toContain(way.state)
      for (const name of columnsOf(declared, group)) {
        expect(row?.[name], `${what}: ${name} was not read in bulk`).not.toBeNull()
        expect(columns[name], `${what}: ${name}`).toEqual(row?.[name])
        if (way.carries?.includes(name) ?? way.way === 'own') otherwise.add(name)
        if (!isNothing(row?.[name])) filled.add(name)
      }
      for (const [child, { group: of }] of Object.entries(declared.children ?? {})) {
        if (of !== group || way.carries !== undefined) continue
        const rows = await lab.db.query(
          `select * from lake.${child} where account_id = $1 and resource_key = $2`,
          [account_id, resource_key],
        )
        expect(spelled(lab, child, children[child]!), `${what}: ${child}`).toEqual(spelled(lab, child, rows))
        if (way.way === 'own') otherwise.add(child)
        if (rows.length > 0) filled.add(child)
      }
    }
    const { versions, inserted, changed, deleted } = await lab.writeOne(known, single.resource)
    expect({ versions, inserted, changed, deleted }, `${what}, written`).toEqual(nothing)
  }
  return { blank: [...otherwise].filter((name) => !filled.has(name)).sort() }
}

/** The groups of which a single resource is read: its list, and what has reads of its own. */
function groupsRead(table: AnyTable): string[] {
  return [listGroup, ...otherGroups(table).flatMap(([name, { read }]) => (read === undefined ? [] : [name]))]
}

function columnsOf(table: AnyTable, group: string): string[] {
  return Object.keys(new Map(groupsOf(table)).get(group)!.columns)
}

/** What a column says where there is nothing to say. */
function isNothing(value: unknown): boolean {
  if (value instanceof Date) return [never, forever].some((time) => Date.parse(time) === value.getTime())
  return value === '' || value === 0 || value === 0n || value === -1 || value === false || value === null
}

/** Rows as text, their own columns only, in an order that does not depend on the provider's. */
function spelled(lab: Lab, child: string, rows: readonly Record<string, unknown>[]): string[] {
  const names = lab.catalogue.shapes.get(child)!.columns.map(({ name }) => name)
  return rows.map((row) => JSON.stringify(names.map((name) => row[name]))).sort()
}
