import { derivedGroup, listGroup, readColumn, type TableShape } from '../../core/table-shape.ts'
import type { WorldRow, WorldRows } from './reference-judge.ts'
import { smallCatalogue } from './small-catalogue.fixture.ts'

/**
 * A world without what is kept of it, and, where facts are named, without what a scan is about to read: row by row, as the
 * compiled SQL counts them.
 */
export function confirmWorld({ tables, cells }: WorldRows, awaitedFacts?: ReadonlySet<string>): WorldRows {
  const parents = new Map<string, WorldRow>()
  for (const shape of smallCatalogue.values())
    if (shape.parent === undefined)
      for (const row of tables[shape.name] ?? []) parents.set(keyOf(shape.name, row), row)
  return {
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, rows]) => [name, rowsOf(smallCatalogue.get(name)!, rows)]),
    ),
    cells: cells.map((cell) => ({
      ...cell,
      state: cell.state ?? (cell.in_force ? 'ok' : 'denied'),
      in_force:
        cell.in_force &&
        cell.state !== 'error' &&
        (awaitedFacts === undefined || cell.awaited_since === undefined),
    })),
  }

  function rowsOf(shape: TableShape, rows: readonly WorldRow[]): WorldRow[] {
    if (shape.parent === undefined) return rows.map((row) => confirmed(shape, row))
    const { parent } = shape
    return rows.filter((row) => {
      const owner = parents.get(keyOf(parent, row))
      return owner === undefined || shape.groups.every((group) => isConfirmed(parent, owner, group))
    })
  }

  function confirmed(shape: TableShape, row: WorldRow): WorldRow {
    const next = { ...row }
    for (const group of shape.groups)
      if (group !== derivedGroup && !isConfirmed(shape.name, row, group)) next[readColumn(group)] = null
    for (const { name, group } of shape.columns) {
      const isKnown =
        group === derivedGroup
          ? isFresh(shape.name, row) &&
            !String(row._kept_facts ?? '').includes(`|${name}|`) &&
            awaitedFacts?.has(`${shape.name}.${name}`) !== true
          : isConfirmed(shape.name, row, group)
      if (!isKnown) next[name] = null
    }
    return next
  }

  function isConfirmed(table: string, row: WorldRow, group: string): boolean {
    if (!isFresh(table, row)) return false
    return group === listGroup || !String(row._kept_groups ?? '').includes(`|${group}|`)
  }

  function isFresh(table: string, { account_id, _part, read_at }: WorldRow): boolean {
    if (!(read_at instanceof Date)) return true
    return cells
      .filter((cell) => cell.account_id === account_id && cell.table_name === table && cell.part === _part)
      .every(({ state, attempted_at, awaited_since }) => {
        const isKept = state === 'error' && attempted_at !== undefined && read_at < attempted_at
        return (
          !isKept && !(awaitedFacts !== undefined && awaited_since !== undefined && read_at < awaited_since)
        )
      })
  }
}

function keyOf(table: string, { account_id, resource_key }: WorldRow): string {
  return `${table} ${String(account_id)} ${String(resource_key)}`
}
