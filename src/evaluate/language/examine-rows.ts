import { type Catalogue, sqlColumns, type TableShape } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { Reader, Row, Value } from '../../db/database.ts'
import type { Expr, From, Target } from '../../db/sql/ast.ts'
import { all, any, binary, choose, column, equal, isTest, no, none, select, yes } from '../../db/sql/build.ts'
import { dialectOf, emitQuery } from '../../db/sql/emit-sql.ts'
import { Compilation } from './compilation.ts'
import type { TermValue } from './evaluate-term.ts'
import { canBeNull } from './nullable-keys.ts'
import { vouchedFor } from './print-subquery.ts'
import { type Restriction, restrictionBelow } from './restriction.ts'
import { RowCompiler } from './row-compiler.ts'
import {
  canonical,
  everySubquery,
  innerTerms,
  type Subquery,
  sameRow,
  subqueriesOf,
  type Term,
} from './term.ts'

/** A row with all that some terms say of it: columns, and each subquery with the rows that made it so. */
export interface ExaminedRow {
  table: string
  account_id: string
  region: string
  resource_key: string
  nr: number
  columns: Map<string, TermValue>
  /** By their canonical text. */
  subqueries: Map<string, ExaminedSubquery>
}

export interface ExaminedSubquery {
  sub: Subquery
  value: TermValue
  /** Whether the part that could hold such a row was read, and as late as the row around it. */
  read: boolean
  witnesses: { row: ExaminedRow; holds: true | null }[]
  /** There are more than are here. */
  more: boolean
}

/** Witness rows that are kept of each subquery. */
const mostWitnesses = 10

export interface RowKey {
  account_id: string
  resource_key: string
}

export function rowKey(row: RowKey & { nr?: number }): string {
  return JSON.stringify([row.account_id, row.resource_key, row.nr ?? 0])
}

/** Reads rows and, level by level, the witnesses of their subqueries: one statement for each. */
export class RowExaminer {
  readonly #reader: Reader
  readonly #catalogue: Catalogue
  readonly #world: World
  /** Rows of other accounts come through the coordinator of a distributed store: meant, and said so. */
  #mark = ''

  constructor(reader: Reader, catalogue: Catalogue, world: World) {
    this.#reader = reader
    this.#catalogue = catalogue
    this.#world = world
  }

  /** Rows of a resource table, by rowKey. */
  async examine(
    terms: readonly Term[],
    tableName: string,
    keys: readonly RowKey[],
  ): Promise<Map<string, ExaminedRow>> {
    const wanted = new Set(keys.map((key) => rowKey(key)))
    if (wanted.size === 0) return new Map()
    const looksAcross = terms.some((term) =>
      [...everySubquery(term)].some((sub) => sub.account !== undefined),
    )
    this.#mark = looksAcross ? '/* across: accounts */ ' : ''
    const row = this.#compiler(tableName, restrictionTo(keys))
    const said = new SaidOfRow(terms, row)
    const query = select({ targets: said.targets, from: [row.from()], where: row.where() })
    const rows = (await this.#run(query))
      .map((found) => said.read(found))
      .filter((one) => wanted.has(rowKey(one)))
    await this.#addWitnesses(said.subqueries, row.table, rows)
    return new Map(rows.map((one) => [rowKey(one), one]))
  }

  #compiler(tableName: string, restriction: Restriction): RowCompiler {
    const compilation = new Compilation(this.#catalogue, this.#world)
    return new RowCompiler(compilation, compilation.table(tableName), restriction, 'examined')
  }

  async #run(query: Parameters<typeof emitQuery>[0]): Promise<Row[]> {
    return await this.#reader.query(this.#mark + emitQuery(query, dialectOf(this.#reader.engine)))
  }

  async #addWitnesses(
    subs: readonly Subquery[],
    table: TableShape,
    around: readonly ExaminedRow[],
  ): Promise<void> {
    for (const sub of subs) {
      const met = around.filter((row) => row.subqueries.get(canonical(sub))?.value !== false)
      if (met.length > 0) await this.#witnesses(sub, table, met)
    }
  }

  async #witnesses(sub: Subquery, table: TableShape, around: readonly ExaminedRow[]): Promise<void> {
    const outer = this.#compiler(table.name, restrictionTo(around))
    const compilation = outer.compilation
    const shape = compilation.table(sub.table)
    const row = new RowCompiler(compilation, shape, restrictionBelow(outer.restriction, sub), 'witness')
    const said = new SaidOfRow(innerTerms(sub), row)
    const nullable = sub.keys.filter((key) => canBeNull(key.inner, this.#catalogue))
    const equals = (key: Subquery['keys'][number]) => equal(row.print(key.inner), outer.print(key.outer))
    const meets = sub.keys.map((key) =>
      nullable.includes(key) ? any([equals(key), isTest('null', row.print(key.inner))]) : equals(key),
    )
    const holds = choose(all([...nullable.map(equals), row.print(sub.where)]), yes, no, none)
    const inner = select({
      targets: [...aroundTargets(outer), ...said.targets, { expr: holds, as: 'holds' }],
      from: [
        {
          kind: 'join',
          join: 'inner',
          left: row.from(),
          right: sub.account === undefined ? outer.from() : apart(outer.from(), outer.where()),
          on: all([equal(column(row.alias, 'account_id'), outer.account(sub)), ...meets]),
        },
      ],
      where: all(
        [
          row.where(),
          outer.where(),
          ...(shape.parent === undefined ? [column(row.alias, '_listed')] : []),
        ].filter(isSaid),
      ),
    })
    const found = await this.#run(capped(inner))
    const byAround = new Map(around.map((one) => [rowKey(one), one.subqueries.get(canonical(sub))!]))
    const rows: ExaminedRow[] = []
    for (const one of found) {
      const place = byAround.get(
        rowKey({ account_id: String(one.a_account), resource_key: String(one.a_key), nr: Number(one.a_nr) }),
      )
      if (place === undefined) continue
      if (place.witnesses.length === mostWitnesses) {
        place.more = true
        continue
      }
      const witness = said.read(one)
      rows.push(witness)
      place.witnesses.push({ row: witness, holds: one.holds === true ? true : null })
    }
    await this.#addWitnesses(said.subqueries, shape, rows)
  }
}

/**
 * Rows that are joined with those of other accounts are fetched first: a distributed store joins no two of its
 * tables but by account. The limit leaves none out; it makes the store fetch.
 */
function apart(from: From, where: Expr): From {
  if (from.kind === 'join') return { ...from, left: apart(from.left, where) }
  if ((from.kind !== 'table' && from.kind !== 'subselect') || from.as === undefined) return from
  const query = select({ targets: [{ expr: { kind: 'star', table: from.as } }], from: [from], where })
  const limit: Expr = { kind: 'number', text: '1000000' }
  return { kind: 'subselect', query: { ...query, limit }, as: from.as }
}

function isSaid(expr: Expr): boolean {
  return expr.kind !== 'boolean' || !expr.value
}

function restrictionTo(keys: readonly RowKey[]): Restriction {
  return {
    accountIds: [...new Set(keys.map((key) => key.account_id))].sort(),
    resourceKeys: [...new Set(keys.map((key) => key.resource_key))].sort(),
  }
}

function aroundTargets(outer: RowCompiler): Target[] {
  const nr: Expr =
    outer.table.parent === undefined ? { kind: 'number', text: '0' } : column(outer.alias, '_nr')
  return [
    { expr: column(outer.alias, 'account_id'), as: 'a_account' },
    { expr: column(outer.alias, 'resource_key'), as: 'a_key' },
    { expr: nr, as: 'a_nr' },
  ]
}

/** Of each row around the first witnesses: those that hold first, then by key; one more than are kept. */
function capped(query: ReturnType<typeof select>): ReturnType<typeof select> {
  const by = (name: string, descending = false) => ({
    expr: column('w', name),
    descending,
    nulls: 'last' as const,
  })
  const number: Expr = {
    kind: 'call',
    name: 'row_number',
    args: [],
    distinct: false,
    orderBy: [],
    over: {
      partitionBy: ['a_account', 'a_key', 'a_nr'].map((name) => column('w', name)),
      orderBy: [by('holds', true), by('account_id'), by('resource_key'), by('nr')],
    },
  }
  const numbered = select({
    targets: [{ expr: { kind: 'star', table: 'w' } }, { expr: number, as: 'place' }],
    from: [{ kind: 'subselect', query, as: 'w' }],
    where: isTest('false', column('w', 'holds'), true),
  })
  return {
    ...select({
      targets: [{ expr: { kind: 'star', table: 'n' } }],
      from: [{ kind: 'subselect', query: numbered, as: 'n' }],
      where: binary('<=', column('n', 'place'), { kind: 'number', text: String(mostWitnesses + 1) }),
    }),
    orderBy: [{ expr: column('n', 'place'), descending: false, nulls: 'last' }],
  }
}

/** What some terms say of one row, as the columns of a SELECT, and back. */
class SaidOfRow {
  readonly subqueries: Subquery[]
  readonly targets: Target[]
  readonly #table: TableShape
  readonly #columns: string[]

  constructor(terms: readonly Term[], row: RowCompiler) {
    this.#table = row.table
    const every = terms.flatMap((term) => [...sameRow(term)])
    this.#columns = [...new Set(every.filter((one) => one.kind === 'column').map((one) => one.name))].sort()
    this.subqueries = [...new Map(terms.flatMap(subqueriesOf).map((sub) => [canonical(sub), sub])).values()]
    const nr: Expr = row.table.parent === undefined ? { kind: 'number', text: '0' } : column(row.alias, '_nr')
    this.targets = [
      ...['account_id', 'region', 'resource_key'].map((name) => ({
        expr: column(row.alias, name),
        as: name,
      })),
      { expr: nr, as: 'nr' },
      ...this.#columns.map((name) => ({ expr: column(row.alias, name), as: `c_${name}` })),
      ...this.subqueries.flatMap((sub, at) => [
        { expr: asValue(sub, row.print(sub)), as: `s_${String(at)}` },
        { expr: choose(vouchedFor(sub, row), yes, no, no), as: `r_${String(at)}` },
      ]),
    ]
  }

  read(found: Row): ExaminedRow {
    const types = new Map(sqlColumns(this.#table).map(({ name, type }) => [name, type]))
    return {
      table: this.#table.name,
      account_id: String(found.account_id),
      region: String(found.region),
      resource_key: String(found.resource_key),
      nr: Number(found.nr),
      columns: new Map(
        this.#columns.map((name) => [name, toTerm(found[`c_${name}`] ?? null, types.get(name))]),
      ),
      subqueries: new Map(
        this.subqueries.map((sub, at) => [
          canonical(sub),
          {
            sub,
            value: toTerm(found[`s_${String(at)}`] ?? null, sub.type),
            read: found[`r_${String(at)}`] === true,
            witnesses: [],
            more: false,
          },
        ]),
      ),
    }
  }
}

/** Sums may leave what a bigint of JavaScript's number can hold: whole numbers come as text. */
function asValue(sub: Subquery, value: Expr): Expr {
  return sub.type === 'bigint' ? { kind: 'cast', operand: value, type: 'text' } : value
}

function toTerm(value: Value, type: string | undefined): TermValue {
  if (value === null) return null
  if (value instanceof Date) return value.getTime()
  return type === 'bigint' ? BigInt(value) : value
}
