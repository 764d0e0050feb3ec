import { type Catalogue, listGroup, readColumn } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { Reader } from '../../db/database.ts'
import { all, column, equal, isTest, oneOf, select, textValue } from '../../db/sql/build.ts'
import { dialectOf, emitQuery } from '../../db/sql/emit-sql.ts'
import { Compilation } from './compilation.ts'
import type { Cause } from './trace-unknown.ts'

/** What was not read: a group of a resource, or the list of a part (a cell). */
export type Unread =
  | { table: string; account_id: string; resource_key: string; group: string }
  | { table: string; account_id: string; part: string; group: 'list' }

interface Cell {
  account_id: string
  table_name: string
  part: string
  state: string
  in_force: boolean | null
  ok_at: Date | null
}

type Place = Pick<Cause & { kind: 'part' }, 'account' | 'region' | 'parentKey'>

/** Unread parents of child rows that are named at most; more would say nothing more. */
const mostParents = 10

function oldestOf(cells: readonly Cell[]): string[] {
  const listed = cells.flatMap(({ part, state, ok_at }) => {
    return ok_at === null || !['ok', 'error'].includes(state) ? [] : [{ part, ok_at }]
  })
  const oldest = Math.min(...listed.map(({ ok_at }) => ok_at.getTime()))
  return listed.filter(({ ok_at }) => ok_at.getTime() === oldest).map(({ part }) => part)
}

/** Turns unread parts into the cells and groups behind them. */
export class UnreadFinder {
  readonly #reader: Reader
  readonly #catalogue: Catalogue
  readonly #world: World
  readonly #known = new Map<string, Promise<Cell[]>>()
  readonly #resources = new Map<string, Promise<Unread[]>>()

  constructor(reader: Reader, catalogue: Catalogue, world: World) {
    this.#reader = reader
    this.#catalogue = catalogue
    this.#world = world
  }

  async behind(cause: Cause & { kind: 'part' }): Promise<Unread[]> {
    const shape = this.#catalogue.get(cause.sub.table)!
    const table = shape.parent ?? shape.name
    const cells = await this.#cells(cause, table)
    const unread = shape.parent === undefined ? [] : await this.#parents(cause, table, shape.groups)
    if (unread.length > 0 && cause.parentKey !== undefined) return unread
    if (unread.length + cells.unread.length > 0) return [...cells.unread, ...unread]
    // All are read: then something of it is older than what asks it.
    return cells.oldest.length > 0 ? cells.oldest : [this.#itself(cause)]
  }

  /** No list is older: the row names what a list has lost. */
  #itself({ around }: Cause & { kind: 'part' }): Unread {
    const table = this.#catalogue.get(around.table)?.parent ?? around.table
    return { table, account_id: around.account_id, resource_key: around.resource_key, group: listGroup }
  }

  async #cells(cause: Place, tableName: string): Promise<Record<'unread' | 'oldest', Unread[]>> {
    const narrowed = this.#catalogue.get(tableName)?.parts === 'region' ? cause.region : undefined
    const meant = (await this.#cellsOf(cause.account, tableName)).filter(
      (cell) => narrowed === undefined || [narrowed, 'global', '*'].includes(cell.part),
    )
    const unread = meant.flatMap(({ part, in_force }) => (in_force === true ? [] : [part]))
    const named = (parts: readonly string[]) =>
      [...parts]
        .sort()
        .map((part) => ({ table: tableName, account_id: cause.account, part, group: listGroup }) as const)
    return {
      unread: named(meant.length === 0 ? [narrowed ?? '*'] : unread),
      oldest: named(oldestOf(meant)),
    }
  }

  #cellsOf(account: string, tableName: string): Promise<Cell[]> {
    const key = JSON.stringify([account, tableName])
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const names = ['account_id', 'table_name', 'part', 'state', 'in_force', 'ok_at']
    const query = select({
      targets: names.map((name) => ({ expr: column('c', name), as: name })),
      from: [new Compilation(this.#catalogue, this.#world).cells('c')],
      where: all([
        equal(column('c', 'account_id'), textValue(account)),
        equal(column('c', 'table_name'), textValue(tableName)),
      ]),
    })
    const cells = this.#reader.query<Cell>(emitQuery(query, dialectOf(this.#reader.engine)))
    this.#known.set(key, cells)
    return cells
  }

  /** Of which a group was not read. */
  async #parents(cause: Place, parent: string, groups: readonly string[]): Promise<Unread[]> {
    const found: Unread[] = []
    const region = this.#catalogue.get(parent)?.parts === 'region' ? cause.region : undefined
    for (const group of groups) {
      const key = JSON.stringify([cause.account, parent, group, region, cause.parentKey])
      let rows = this.#resources.get(key)
      if (rows === undefined) {
        rows = this.#askParents(cause, parent, group, region)
        this.#resources.set(key, rows)
      }
      found.push(...(await rows))
    }
    return found
  }

  async #askParents(
    cause: Place,
    parent: string,
    group: string,
    region: string | undefined,
  ): Promise<Unread[]> {
    const compilation = new Compilation(this.#catalogue, this.#world)
    const query = {
      ...select({
        targets: [{ expr: column('r', 'resource_key'), as: 'resource_key' }],
        from: [compilation.rows(compilation.table(parent), 'r')],
        where: all([
          equal(column('r', 'account_id'), textValue(cause.account)),
          isTest('true', column('r', readColumn(group)), true),
          ...(cause.parentKey === undefined ? [] : [oneOf(column('r', 'resource_key'), [cause.parentKey])]),
          ...(region === undefined || cause.parentKey !== undefined
            ? []
            : [equal(column('r', 'region'), textValue(region))]),
        ]),
      }),
      orderBy: [{ expr: column('r', 'resource_key'), descending: false, nulls: 'last' as const }],
      limit: { kind: 'number' as const, text: String(mostParents) },
    }
    const rows = await this.#reader.query<{ resource_key: string }>(
      emitQuery(query, dialectOf(this.#reader.engine)),
    )
    return rows.map(({ resource_key }) => ({ table: parent, account_id: cause.account, resource_key, group }))
  }
}
