import type { LakeType, TableShape } from '../../core/table-shape.ts'
import type { RandomSource } from './random-source.fixture.ts'
import { smallCatalogue } from './small-catalogue.fixture.ts'

/**
 * A random condition, twice: in the rule language, and as plain SQL that means the same where everything was read
 * (tables in `schema`, equality of accounts written out, now() and parameters as constants).
 */
export interface RandomCondition {
  text: string
  plain: (schema: string) => string
}

interface NamedRow {
  alias: string
  table: TableShape
}

export interface ConditionWishes {
  table: string
  depth: number
  across: boolean
  /** Derived columns that may be read. */
  facts: readonly string[]
}

export const ids = ['x', 'y', 'z'] as const
export const randomNow = '2026-06-01 00:00:00+00'
export const randomParams = { n: 2, word: 'x', words: ['x', 'y'] }

export function randomCondition(source: RandomSource, wishes: ConditionWishes): RandomCondition {
  const maker = new ConditionMaker(source, wishes)
  const table = smallCatalogue.get(wishes.table)!
  const marked = maker.boolean({ alias: table.name, table }, wishes.depth, true)
  return {
    // ⟦…⟧: what the language says by itself; ⟪…⟫: the name of a table.
    text: marked.replace(/⟦(.*?)⟧/g, source.chance(0.5) ? '$1' : 'true').replace(/[⟪⟫]/g, ''),
    plain: (schema) =>
      marked
        .replace(/[⟦⟧]/g, '')
        .replace(/⟪(\w+)⟫/g, `${schema}.$1`)
        .replaceAll('now()', `timestamptz '${randomNow}'`)
        .replaceAll(':words', "'x', 'y'")
        .replaceAll(':word', "'x'")
        .replaceAll(':n', '2'),
  }
}

class ConditionMaker {
  readonly #random: RandomSource
  readonly #wishes: ConditionWishes
  #aliases = 0

  constructor(source: RandomSource, wishes: ConditionWishes) {
    this.#random = source
    this.#wishes = wishes
  }

  #columns(table: TableShape, type: LakeType): string[] {
    const own = table.columns
      .filter(
        (column) =>
          column.type === type &&
          (column.group !== 'derived' || this.#wishes.facts.includes(`${table.name}.${column.name}`)),
      )
      .map((column) => column.name)
    return type === 'text'
      ? [...own.filter((name) => !name.endsWith('account_id')), 'region', 'resource_key']
      : own
  }

  #column(row: NamedRow, type: LakeType, top: boolean): string | undefined {
    const names = this.#columns(row.table, type)
    if (names.length === 0) return undefined
    const name = this.#random.pick(names)
    return top && this.#random.chance(0.5) ? name : `${row.alias}.${name}`
  }

  /** A condition over one row. `top`: the judged row, whose columns need no qualifier. */
  boolean(row: NamedRow, depth: number, top = false): string {
    const { chance, pick } = this.#bound()
    if (depth > 0 && chance(0.45)) return this.#subquery(row, depth, top)
    if (depth > 0 && chance(0.45)) {
      const parts = [this.boolean(row, depth - 1, top), this.boolean(row, depth - 1, top)]
      return pick([
        () => `(${parts.join(' and ')})`,
        () => `(${parts.join(' or ')})`,
        () => `not (${parts[0]})`,
        () => `case when ${parts[0]} then ${parts[1]} else ${this.boolean(row, depth - 1, top)} end`,
      ])()
    }
    return this.#comparison(row, top)
  }

  #bound() {
    return {
      chance: (probability: number) => this.#random.chance(probability),
      pick: <T>(list: readonly T[]) => this.#random.pick(list),
    }
  }

  #comparison(row: NamedRow, top: boolean): string {
    const { pick } = this.#bound()
    const type = pick(['text', 'text', 'bigint', 'bigint', 'boolean', 'double', 'timestamptz'] as const)
    const column = this.#column(row, type, top)
    if (column === undefined) return this.#comparison(row, top)
    const op = pick(['=', '<>', '<', '<=', '>', '>='])
    // A region that no cell speaks of is unread: a random one would never be live.
    const id = column.endsWith('region') ? 'r1' : pick(ids)
    const other = this.#column(row, type, top)!
    switch (type) {
      case 'boolean':
        return pick([column, `not ${column}`, `${column} = true`, `${column} <> ${other}`])
      case 'double':
        return pick([`${column} ${op} 0.5`, `${column} ${op} 1`])
      case 'timestamptz':
        return pick([
          `${column} ${op} now() - interval '30 days'`,
          `${column} ${op} now() - :n * interval '1 day'`,
          `${column} between timestamptz '2026-05-01 00:00:00+00' and now()`,
        ])
      case 'bigint':
        return pick([
          `${column} ${op} ${pick(['0', '1', '2', ':n'])}`,
          `${column} ${op} ${other}`,
          `${column} * 2 - 1 ${op} ${other} + :n`,
          `abs(${column} - 2) ${op} 1`,
          `${column} in (0, 2)`,
          `${column} not between 1 and 2`,
          `${column} ${op} 1.5`,
        ])
      case 'text':
        return pick([
          `${column} ${op} '${id}'`,
          `${column} = ${other}`,
          `${column} in (:words)`,
          `${column} not in ('${id}', :word)`,
          `${column} like '%${id}%'`,
          `${column} not like '_'`,
          `starts_with(${column}, '${id}')`,
          `ends_with(upper(${column}), 'X')`,
          `length(${column}) ${op} 1`,
          `replace(${column}, '${id}', 'y') = lower(${other})`,
          `split_part(${column}, 'x', 1) = ''`,
        ])
    }
  }

  #name(table: TableShape): NamedRow {
    this.#aliases += 1
    return { alias: `t${String(this.#aliases)}`, table }
  }

  #subquery(around: NamedRow, depth: number, top: boolean): string {
    const { chance, pick } = this.#bound()
    const tables = [...smallCatalogue.values()]
    const children = tables.filter((table) => table.parent === around.table.name)
    const root = this.#name(children.length > 0 && chance(0.35) ? pick(children) : pick(tables))
    const rows = [root]
    const conditions: string[] = [...this.#links(root, around, chance(0.85))]
    let from = `⟪${root.table.name}⟫ ${root.alias}`
    for (; rows.length < 3 && chance(0.25); ) {
      const placed = pick(rows)
      const row = this.#name(pick(tables))
      rows.push(row)
      const links = this.#links(row, placed, true)
      if (chance(0.5)) {
        from += ` join ⟪${row.table.name}⟫ ${row.alias} on ${links.join(' and ')}`
      } else {
        from = `⟪${row.table.name}⟫ ${row.alias}, ${from}`
        conditions.push(...links)
      }
    }
    for (const row of rows)
      for (let more = 0.6; chance(more); more /= 2) conditions.push(this.boolean(row, depth - 1))
    return this.#form(pick(rows), `${from} where ${conditions.join(' and ')}`, rows.length === 1, around, top)
  }

  /** Equalities that tie a row to another; without `some` at times none. */
  #links(row: NamedRow, other: NamedRow, some: boolean): string[] {
    const { chance, pick } = this.#bound()
    const links: string[] = []
    const named = ['peer_account_id', 'key_account_id'].filter((name) =>
      other.table.columns.some((one) => one.name === name),
    )
    if (this.#wishes.across && named.length > 0 && chance(0.6)) {
      links.push(`${row.alias}.account_id = ${other.alias}.${pick(named)}`)
    } else {
      links.push(`⟦${row.alias}.account_id = ${other.alias}.account_id⟧`)
    }
    if (row.table.parent === other.table.name && chance(0.8)) {
      links.push(`${row.alias}.resource_key = ${other.alias}.resource_key`)
    } else if (some) {
      const mine = pick(this.#columns(row.table, 'text').filter((name) => name !== 'region'))
      const theirs = pick(this.#columns(other.table, 'text').filter((name) => name !== 'region'))
      links.push(
        pick([
          `${row.alias}.${mine} = ${other.alias}.${theirs}`,
          `${other.alias}.${theirs} = ${row.alias}.${mine}`,
          `${row.alias}.${mine} = lower(${other.alias}.${theirs})`,
        ]),
      )
      if (chance(0.15)) {
        const second = pick(this.#columns(row.table, 'text').filter((name) => name !== 'region'))
        links.push(`${row.alias}.${second} = ${other.alias}.${theirs}`)
      }
    }
    const type = pick(['boolean', 'boolean', 'bigint', 'timestamptz'] as const)
    const [one, another] = [this.#columns(row.table, type), this.#columns(other.table, type)]
    if (chance(0.2) && one.length > 0 && another.length > 0) {
      links.push(`${row.alias}.${pick(one)} = ${other.alias}.${pick(another)}`)
    }
    if (chance(0.35)) links.push(`${row.alias}.region = ${other.alias}.region`)
    else if (chance(0.1)) links.push(`${row.alias}.region = 'r1'`)
    return links
  }

  #form(row: NamedRow, from: string, single: boolean, around: NamedRow, top: boolean): string {
    const { chance, pick } = this.#bound()
    const not = chance(0.4) ? 'not ' : ''
    const number = this.#column(row, 'bigint', false)
    const text = this.#column(row, 'text', false)!
    const op = pick(['=', '>', '<=', '<>'])
    const select = (what: string) => `(select ${what} from ${from})`
    const forms = [
      () => `${not}exists ${select('1')}`,
      () => `${not}exists ${select('1')}`,
      () => `${select('count(*)')} ${op} ${pick(['0', '1', '2'])}`,
      () => `coalesce(${select(`${pick(['max', 'min'])}(${text})`)}, 'none') ${op} '${pick(ids)}'`,
      ...(number === undefined
        ? []
        : [
            () => `coalesce(${select(`sum(${number})`)}, -1) ${op} ${pick(['-1', '0', '2'])}`,
            () =>
              `coalesce(${select(`${pick(['max', 'min'])}(${number})`)}, 1) ${op} ${pick(['0', '1', '2'])}`,
          ]),
    ]
    // x in (select y …): y must be of the table that is linked to the row around, so only where there is one table.
    if (single) {
      const operand = this.#column(around, 'text', top)!
      const value = operand.endsWith('region')
        ? `${row.alias}.region`
        : text.replace(/region$/, 'resource_key')
      forms.push(() => `${operand} ${not}in ${select(value)}`)
    }
    return pick(forms)()
  }
}
