import type { StanceError } from '../../core/errors.ts'
import { sqlError } from './sql-error.ts'

/** libpg-query's JSON: `{ NodeName: { field: … } }`. Nothing in it is trusted to be complete. */
export type PgFields = Record<string, unknown>

export interface PgNode {
  type: string
  fields: PgFields
}

export class PgSource {
  readonly source: string
  readonly #toSource: (byte: number) => number

  constructor(source: string, toSource: (byte: number) => number) {
    this.source = source
    this.#toSource = toSource
  }

  /** The author's character offset of a node, as a property to spread. */
  at(fields: PgFields): { at?: number } {
    const location = fields.location
    return typeof location === 'number' && location >= 0 ? { at: this.#toSource(location) } : {}
  }

  fail(fields: PgFields | { at?: number }, what: string, next: string): StanceError {
    const at = 'at' in fields ? fields.at : this.at(fields as PgFields).at
    return sqlError(this.source, {
      code: 'SQL_NOT_SUPPORTED',
      message: what,
      next,
      at: typeof at === 'number' ? at : undefined,
    })
  }

  /** Every field that a node has must be known: what we do not know is an error, never passed through. */
  only(type: string, fields: PgFields, known: readonly string[]): void {
    for (const [name, value] of Object.entries(fields)) {
      if (known.includes(name) || name === 'location' || isDefault(value)) continue
      const inner = whereOf({ value })
      throw this.fail(
        typeof inner.location === 'number' ? inner : fields,
        `${wordFor(`${type}.${name}`) ?? `${wordFor(type) ?? type} with "${name}"`} is not part of Stance's SQL.`,
        nextFor(`${type}.${name}`),
      )
    }
  }

  unknown(node: PgNode): StanceError {
    const said = wordFor(node.type) ?? node.type
    return this.fail(whereOf(node.fields), `${said} is not part of Stance's SQL.`, nextFor(node.type))
  }
}

function isDefault(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === 0 || value === ''
}

export function toNode(value: unknown): PgNode | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const [entry, more] = Object.entries(value)
  if (entry === undefined || more !== undefined || typeof entry[1] !== 'object' || entry[1] === null)
    return undefined
  return { type: entry[0], fields: entry[1] as PgFields }
}

export function nodes(value: unknown): PgNode[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError('the parser gave something else than a list')
  return value.map((item) => {
    const node = toNode(item)
    if (node === undefined) throw new TypeError('the parser gave something else than a node')
    return node
  })
}

/** `[{ String: { sval } }, …]` */
export function names(value: unknown): string[] {
  return nodes(value).map((node) => {
    if (node.type !== 'String') throw new TypeError(`the parser gave ${node.type} for a name`)
    return typeof node.fields.sval === 'string' ? node.fields.sval : ''
  })
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The first place that anything below it names: some nodes have none of their own. */
function whereOf(fields: PgFields): PgFields {
  if (typeof fields.location === 'number') return fields
  for (const value of Object.values(fields)) {
    if (typeof value !== 'object' || value === null) continue
    const inner = whereOf(value as PgFields)
    if (typeof inner.location === 'number') return inner
  }
  return fields
}

/** What people call what the parser has a word of its own for. */
function wordFor(what: string): string | undefined {
  return {
    RangeFunction: 'A function in FROM',
    RangeTableSample: 'TABLESAMPLE',
    RangeTableFunc: 'XMLTABLE',
    'WithClause.recursive': 'WITH RECURSIVE',
    'RangeSubselect.lateral': 'LATERAL',
    'JoinExpr.isNatural': 'NATURAL JOIN',
    'JoinExpr.usingClause': 'USING',
    'SelectStmt.lockingClause': 'FOR UPDATE',
    'SelectStmt.intoClause': 'SELECT INTO',
    'SelectStmt.valuesLists': 'VALUES',
    'SelectStmt.windowClause': 'WINDOW',
    'SelectStmt.groupDistinct': 'GROUP BY DISTINCT',
    'FuncCall.agg_within_group': 'WITHIN GROUP',
    'CommonTableExpr.search_clause': 'SEARCH',
    'CommonTableExpr.cycle_clause': 'CYCLE',
    GroupingSet: 'A grouping set (ROLLUP, CUBE)',
    GroupingFunc: 'GROUPING',
    SQLValueFunction: 'A value such as current_date',
    RowExpr: 'A row of values',
    A_ArrayExpr: 'An array',
    A_Indirection: 'Taking a part with [ ] or .',
    ParamRef: 'A parameter ($1)',
    CollateClause: 'COLLATE',
    XmlExpr: 'XML',
    SetToDefault: 'DEFAULT',
  }[what]
}

/** What to write instead, for the things that people try. */
function nextFor(what: string): string {
  return (
    {
      SQLValueFunction: 'Write now().',
      'A_Expr.AEXPR_SIMILAR': 'Write like with % and _.',
      'A_Expr.AEXPR_OP_ANY': 'Write in (…).',
      'A_Expr.AEXPR_OP_ALL': 'Write not in (…) or and.',
      RowExpr: 'Compare the columns one by one with and.',
      A_ArrayExpr: 'Write in (…).',
      A_Indirection: 'Name a plain column.',
      'FuncCall.agg_within_group': 'Use a plain aggregate.',
      'SelectStmt.lockingClause': 'Leave the locking out: SQL here only reads.',
      'SelectStmt.intoClause': 'Leave INTO out: SQL here only reads.',
      'SelectStmt.valuesLists': 'Write the values as conditions or case.',
      'SelectStmt.windowClause': 'Write the window in over (…).',
      'SelectStmt.distinctClause': 'Use group by.',
      'JoinExpr.isNatural': 'Write the join condition after on.',
      'JoinExpr.usingClause': 'Write the join condition after on.',
      'RangeSubselect.lateral': 'Join a plain subquery.',
      RangeFunction: 'Select from tables only.',
      'WithClause.recursive': 'Leave RECURSIVE out: a query here ends after a known number of steps.',
      GroupingSet: 'Group by columns; join several groupings with union all.',
      SetToDefault: 'Write a value.',
      'SelectStmt.groupDistinct': 'Write group by.',
      RangeTableSample: 'Select from the table as it is.',
    }[what] ?? 'See docs/guide/rule-language.md for what can be written.'
  )
}
