import { type Catalogue, readColumn, sqlColumns, type TableShape } from '../../core/table-shape.ts'
import { verdictCharacters } from '../../core/verdict.ts'
import type { Value } from '../../db/database.ts'
import { bindCondition } from './bind-term.ts'
import type { CheckedCondition } from './check-condition.ts'
import type { PassRule } from './compile-table-pass.ts'
import { allTrue, compare, evaluateTerm, not, orderOf, type TermValue } from './evaluate-term.ts'
import type { ParamValues } from './params.ts'
import { isColumn, regionOf, type Subquery, type Term } from './term.ts'

export type WorldRow = Record<string, Value>

/** Left out: `ok` where it is in force, and a time of its last good read that is not told. */
interface WorldCell {
  account_id: string
  table_name: string
  part: string
  in_force: boolean
  state?: string
  ok_at?: Date
  attempted_at?: Date
  awaited_since?: Date
}

/** A world as plain rows; what a column lacks is NULL. Rows of resources have `read_at`, when their list was read. */
export interface WorldRows {
  tables: Record<string, WorldRow[]>
  cells: WorldCell[]
}

/**
 * Judges by the table in language.md §2, row by row, in plain TypeScript: slow, and independent of the compiled
 * SQL, which the property test holds against it. Both begin at the nested condition, whose nesting is held
 * against the author's own SQL where everything was read.
 */
export class ReferenceJudge {
  readonly #catalogue: Catalogue
  readonly #world: WorldRows
  readonly #now: Date
  readonly #byAccount = new Map<string, WorldRow[]>()

  constructor(catalogue: Catalogue, world: WorldRows, now: Date) {
    this.#catalogue = catalogue
    this.#world = world
    this.#now = now
    for (const [table, rows] of Object.entries(world.tables)) {
      for (const row of rows) {
        const key = `${table} ${String(row.account_id)}`
        this.#byAccount.set(key, [...(this.#byAccount.get(key) ?? []), row])
      }
    }
  }

  condition(condition: CheckedCondition, row: WorldRow, params: ParamValues = {}): boolean | null {
    return this.#evaluate(bindCondition(condition, params, this.#now), condition.table, row) as boolean | null
  }

  /** What a fact's column must have. */
  fact(condition: CheckedCondition, row: WorldRow, params: ParamValues = {}): boolean | null {
    return row._listed === true ? this.condition(condition, row, params) : null
  }

  /** The character of the rule's slot. */
  verdict(rule: PassRule, row: WorldRow): string {
    const { pass, fail, unknown, not_applicable } = verdictCharacters
    const owner = row.owner_account_id
    if (rule.foreign !== true && typeof owner === 'string' && owner !== row.account_id) return not_applicable
    const judge = (condition: CheckedCondition) => this.condition(condition, row, rule.params)
    const applies = allTrue([
      ...(rule.applies === undefined ? [] : [judge(rule.applies)]),
      ...(rule.only === undefined ? [] : [judge(rule.only)]),
      ...(rule.never === undefined ? [] : [not(judge(rule.never))]),
    ])
    if (applies === false) return not_applicable
    if (applies === null || row._listed !== true) return unknown
    const truth = judge(rule.pass)
    return truth === null ? unknown : truth ? pass : fail
  }

  #evaluate(term: Term, table: string, row: WorldRow): TermValue {
    return evaluateTerm(term, {
      column: ({ name }) => this.#value(table, row, name),
      subquery: (sub) => this.#subquery(sub, table, row),
    })
  }

  #value(table: string, row: WorldRow, name: string): TermValue {
    const value = row[name] ?? null
    const type = sqlColumns(this.#shape(table)).find((column) => column.name === name)?.type
    if (type === undefined) throw new TypeError(`${table} has no column ${name}`)
    if (value instanceof Date) return value.getTime()
    return type === 'bigint' && value !== null ? BigInt(value) : value
  }

  #shape(table: string): TableShape {
    const shape = this.#catalogue.get(table)
    if (shape === undefined) throw new TypeError(`no table ${table}`)
    return shape
  }

  #rows(table: string, account: TermValue): WorldRow[] {
    return this.#byAccount.get(`${table} ${String(account)}`) ?? []
  }

  #subquery(sub: Subquery, table: string, around: WorldRow): TermValue {
    const outer = (term: Term) => this.#evaluate(term, table, around)
    const account = sub.account === undefined ? String(around.account_id) : outer(sub.account)
    const sought = sub.keys.map((key) => outer(key.outer))
    const whole =
      account !== null &&
      !sought.includes(null) &&
      this.#isRead(sub, table, around, account) &&
      this.#isAsNew(sub, table, around, account, sought)
    const listed = (row: WorldRow) =>
      this.#shape(sub.table).parent !== undefined || row._listed === true ? true : null
    const judged = this.#rows(sub.table, account).map((row) => ({
      row,
      holds: allTrue([
        ...sub.keys.map((key, at) => compare('=', this.#evaluate(key.inner, sub.table, row), sought[at]!)),
        this.#evaluate(sub.where, sub.table, row),
        listed(row),
      ]),
    }))
    if (sub.form === 'exists') {
      if (judged.some((one) => one.holds === true)) return true
      return !whole || judged.some((one) => one.holds === null) ? null : false
    }
    if (!whole || judged.some((one) => one.holds === null)) return null
    const rows = judged.filter((one) => one.holds === true).map((one) => one.row)
    const { argument } = sub
    if (argument === undefined) return BigInt(rows.length)
    const values = rows.map((row) => this.#evaluate(argument, sub.table, row))
    if (values.includes(null)) return null
    if (values.length === 0) return sub.orElse === undefined ? null : outer(sub.orElse)
    return values.reduce((one, other) => aggregate(sub.form, one!, other!))
  }

  /** Nothing that the row around names may have come after the lists that do not know it. */
  #isAsNew(
    sub: Subquery,
    table: string,
    around: WorldRow,
    account: TermValue,
    sought: readonly TermValue[],
  ): boolean {
    const [newIn, changedIn] = [around._new_in, around._changed_in]
    const shape = this.#shape(sub.table)
    const parent = shape.parent === undefined ? shape : this.#shape(shape.parent)
    const ofParent = sub.keys.findIndex(({ inner }) => isColumn(inner, 'resource_key'))
    const named = sub.keys.flatMap((key, at) => (isColumn(key.inner, 'region') ? [] : [sought[at]]))
    if (named.length === 0 || named.includes('')) return true
    if (shape.parent !== undefined && ofParent >= 0) {
      const isOwn = table === parent.name && isColumn(sub.keys[ofParent]!.outer, 'resource_key')
      if (isOwn && sub.account === undefined) return true
    }
    const isThere = this.#rows(sub.table, account).some(
      (row) =>
        (shape.parent !== undefined || row._listed === true) &&
        sub.keys.every((key, at) => this.#evaluate(key.inner, sub.table, row) === sought[at]),
    )
    const isOne = sub.keys.some(
      ({ inner }) =>
        inner.kind === 'column' &&
        ((shape.unique.includes(inner.name) && (parent.parts === 'global' || regionOf(sub) !== undefined)) ||
          (shape.parent === undefined && inner.name === 'resource_key')),
    )
    if (isThere && isOne) return true
    const regionTerm = parent.parts === 'region' ? regionOf(sub) : undefined
    const region = regionTerm === undefined ? undefined : this.#evaluate(regionTerm, table, around)
    const newNames = String(around._new_names ?? '')
    const isNewName =
      named.some((name) => typeof name !== 'string' || newNames.includes(`|${name}|`)) ||
      sub.keys.some(({ inner, outer }) => !isColumn(inner, 'region') && outer.kind !== 'column')
    const columns = sub.keys.flatMap(({ inner, outer }, at) =>
      !isColumn(inner, 'region') && outer.kind === 'column' && outer.type === 'text' ? [sought[at]] : [],
    )
    const isOlder = (moment: unknown, read: Date) => moment instanceof Date && moment > read
    const isNewerThan = (read: Date) => isOlder(newIn, read) || (isNewName && isOlder(changedIn, read))
    // Of child rows the document of the parent that is named has the last word.
    const parents = shape.parent === undefined ? [] : this.#rows(parent.name, account)
    if (ofParent >= 0 && parents.some((row) => row.resource_key === sought[ofParent])) return true
    const lostNames = String(around._lost_names ?? '')
    if (columns.some((name) => lostNames.includes(`|${String(name)}|`))) return false
    return this.#world.cells
      .filter(({ account_id, table_name }) => account_id === account && table_name === parent.name)
      .filter(({ part }) => region === undefined || [region, 'global', '*'].includes(part))
      .every(({ state = 'ok', ok_at }) => {
        if (!['ok', 'error'].includes(state) || ok_at === undefined) return true
        return !isNewerThan(ok_at)
      })
  }

  #isRead(sub: Subquery, table: string, around: WorldRow, account: TermValue): boolean {
    const named = regionOf(sub)
    if (account === '' || (named !== undefined && this.#evaluate(named, table, around) === '')) return true
    const shape = this.#shape(sub.table)
    const parent = shape.parent === undefined ? shape : this.#shape(shape.parent)
    const regionTerm = parent.parts === 'region' ? regionOf(sub) : undefined
    const region = regionTerm === undefined ? undefined : this.#evaluate(regionTerm, table, around)
    const cells = this.#world.cells.filter(
      (cell) =>
        cell.account_id === account &&
        cell.table_name === parent.name &&
        (region === undefined || [region, 'global', '*'].includes(cell.part)),
    )
    const cellsRead = cells.length > 0 && cells.every((cell) => cell.in_force)
    if (shape.parent === undefined) return cellsRead
    const read = (row: WorldRow) => shape.groups.every((group) => row[readColumn(group)] === true)
    const parents = this.#rows(parent.name, account)
    const key = sub.keys.find(({ inner }) => isColumn(inner, 'resource_key'))
    if (key !== undefined) {
      const sought = this.#evaluate(key.outer, table, around)
      const one = parents.find((row) => row.resource_key === sought)
      return one === undefined ? cellsRead : read(one)
    }
    const meant = parents.filter((row) => region === undefined || row.region === region)
    return cellsRead && meant.every(read)
  }
}

function aggregate(
  form: Subquery['form'],
  one: NonNullable<TermValue>,
  other: NonNullable<TermValue>,
): TermValue {
  if (form === 'sum') return BigInt(one) + BigInt(other)
  return orderOf(one, other) < 0 === (form === 'min') ? one : other
}

/** Judges each row of a table by each rule: characters in the order of the rules. */
export function referenceJudge(
  catalogue: Catalogue,
  world: WorldRows,
  now: Date,
  rules: readonly PassRule[],
): { row: WorldRow; verdicts: string }[] {
  const judge = new ReferenceJudge(catalogue, world, now)
  const table = rules[0]?.pass.table
  const rows = table === undefined ? [] : (world.tables[table] ?? [])
  return rows.map((row) => ({ row, verdicts: rules.map((rule) => judge.verdict(rule, row)).join('') }))
}
