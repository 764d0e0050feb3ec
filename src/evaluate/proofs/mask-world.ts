import { type Catalogue, derivedGroup, listGroup, readColumn } from '../../core/table-shape.ts'
import { type ProofWorld, shapeOf, type WorldRow } from './proof-world.ts'

/** Something that could not be read, and what it does to a world. */
export interface Mask {
  /** For people: `group policy of aws_s3_bucket`. */
  what: string
  apply(world: ProofWorld): void
}

/** Every single thing of a world that can be unread: each group, each fact, each cell with its rows gone or left over. */
export function masksOf(catalogue: Catalogue, world: ProofWorld): Mask[] {
  const masks: Mask[] = []
  const tables = new Set(world.cells.map(({ table_name }) => table_name))
  for (const table of tables) {
    const shape = shapeOf(catalogue, table)
    for (const group of shape.groups) {
      if (group === listGroup) continue
      if (group === derivedGroup) {
        for (const { name } of shape.columns.filter((column) => column.group === derivedGroup))
          masks.push({ what: `fact ${table}.${name}`, apply: (one) => hideFact(one, table, name) })
        continue
      }
      masks.push({
        what: `group ${group} of ${table}`,
        apply: (one) => hideGroup(catalogue, one, table, group),
      })
    }
  }
  for (const { account_id, table_name, part } of world.cells) {
    const where = `cell ${table_name} ${part}${account_id === world.judged.account_id ? '' : ` of ${account_id}`}`
    const id = { account_id, table_name, part }
    masks.push({ what: `${where}, its rows gone`, apply: (one) => hideCell(catalogue, one, id, 'gone') })
    masks.push({
      what: `${where}, its rows left over`,
      apply: (one) => hideCell(catalogue, one, id, 'left over'),
    })
  }
  // The planner writes every cell of a table before the first is read, so one region cannot be unheard of by itself.
  const planned = new Set(world.cells.map(({ account_id, table_name }) => `${table_name}\n${account_id}`))
  for (const one of planned) {
    const [table_name = '', account_id = ''] = one.split('\n')
    const parts = world.cells.filter(
      (cell) => cell.table_name === table_name && cell.account_id === account_id,
    )
    masks.push({
      what: `cells of ${table_name}${account_id === world.judged.account_id ? '' : ` of ${account_id}`}, of which nothing is known`,
      apply: (other) => {
        for (const { part } of parts) hideCell(catalogue, other, { account_id, table_name, part }, 'no cell')
      },
    })
  }
  return masks
}

export function masked(world: ProofWorld, masks: readonly Mask[]): ProofWorld {
  const copy: ProofWorld = {
    rows: new Map([...world.rows].map(([table, rows]) => [table, rows.map((row) => ({ ...row }))])),
    cells: world.cells.map((cell) => ({ ...cell })),
    judged: world.judged,
  }
  for (const mask of masks) mask.apply(copy)
  return copy
}

function hideFact(world: ProofWorld, table: string, column: string): void {
  for (const row of world.rows.get(table) ?? []) row[column] = null
}

function hideGroup(catalogue: Catalogue, world: ProofWorld, table: string, group: string): void {
  const shape = shapeOf(catalogue, table)
  for (const row of world.rows.get(table) ?? []) {
    row[readColumn(group)] = null
    for (const column of shape.columns) if (column.group === group) row[column.name] = null
  }
  for (const child of catalogue.values())
    if (child.parent === table && child.groups.includes(group)) world.rows.set(child.name, [])
}

function hideCell(
  catalogue: Catalogue,
  world: ProofWorld,
  cell: { account_id: string; table_name: string; part: string },
  how: 'gone' | 'left over' | 'no cell',
): void {
  const isCell = (one: { account_id: string; table_name: string; part: string }) =>
    one.account_id === cell.account_id && one.table_name === cell.table_name && one.part === cell.part
  if (how === 'no cell') world.cells = world.cells.filter((one) => !isCell(one))
  for (const one of world.cells) if (isCell(one)) one.in_force = false
  const rows = world.rows.get(cell.table_name) ?? []
  const isOf = (row: WorldRow) => row.account_id === cell.account_id && row._part === cell.part
  const keys = new Set(rows.filter(isOf).map((row) => row.resource_key))
  if (how === 'left over') for (const row of rows.filter(isOf)) forget(row)
  else
    world.rows.set(
      cell.table_name,
      rows.filter((row) => !isOf(row)),
    )
  for (const child of catalogue.values()) {
    if (child.parent !== cell.table_name) continue
    const left = (world.rows.get(child.name) ?? []).filter(
      (row) => row.account_id !== cell.account_id || !keys.has(row.resource_key ?? null),
    )
    world.rows.set(child.name, left)
  }
}

/** A row that nobody vouches for any more keeps what names it, and nothing else. */
function forget(row: WorldRow): void {
  const kept = new Set(['account_id', 'region', 'resource_key', 'owner_account_id', '_part'])
  for (const name of Object.keys(row)) if (!kept.has(name)) row[name] = null
}
