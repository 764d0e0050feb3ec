import type { BinaryOperator, Expr, Order, Query, SqlType } from './ast.ts'
import { all, any } from './build.ts'
import { names, nodes, optionalText, type PgFields, type PgNode, type PgSource, toNode } from './pg-tree.ts'

/** Deep enough for a long chain of + or ||, shallow enough for every stack that walks the tree. */
const maxDepth = 300

/** Turns libpg-query's expression nodes into ours; `readQuery` comes from read-query.ts (they recurse). */
export class ExpressionReader {
  readonly #pg: PgSource
  readonly #readQuery: (value: unknown) => Query
  #depth = 0

  constructor(pg: PgSource, readQuery: (value: unknown) => Query) {
    this.#pg = pg
    this.#readQuery = readQuery
  }

  read(value: unknown): Expr {
    const node = toNode(value)
    if (node === undefined) throw new TypeError('the parser gave no expression')
    const reader = readers[node.type]
    if (reader === undefined) throw this.#pg.unknown(node)
    if (this.#depth >= maxDepth)
      throw this.#pg.fail(node.fields, 'The SQL is nested too deep.', 'Make it flatter.')
    this.#depth++
    const expr = reader(this.#pg, node.fields, this)
    this.#depth--
    return expr
  }

  readQuery(value: unknown): Query {
    return this.#readQuery(value)
  }

  optional(value: unknown): Expr | undefined {
    return value === undefined ? undefined : this.read(value)
  }

  list(value: unknown): Expr[] {
    return nodes(value).map((node) => this.read({ [node.type]: node.fields }))
  }

  order(value: unknown): Order[] {
    return nodes(value).map(({ type, fields }) => {
      this.#pg.only(type, fields, ['node', 'sortby_dir', 'sortby_nulls'])
      const direction = fields.sortby_dir
      if (direction === 'SORTBY_USING') throw this.#pg.fail(fields, 'ORDER BY … USING.', 'Write asc or desc.')
      return {
        expr: this.read(fields.node),
        descending: direction === 'SORTBY_DESC',
        // The engines disagree on where NULL sorts by default; ours is always last.
        nulls: fields.sortby_nulls === 'SORTBY_NULLS_FIRST' ? 'first' : 'last',
      }
    })
  }
}

type Reader = (pg: PgSource, fields: PgFields, reader: ExpressionReader) => Expr

const readers: Record<string, Reader> = {
  A_Const: readConstant,
  ParamRef: (pg, fields) => ({ kind: 'param', number: Number(fields.number), ...pg.at(fields) }),
  ColumnRef: readColumn,
  A_Expr: readOperator,
  BoolExpr: readLogic,
  NullTest: (pg, fields, reader) => {
    pg.only('NullTest', fields, ['arg', 'nulltesttype'])
    const negated = fields.nulltesttype === 'IS_NOT_NULL'
    return { kind: 'is', test: 'null', negated, operand: reader.read(fields.arg), ...pg.at(fields) }
  },
  BooleanTest: (pg, fields, reader) => {
    pg.only('BooleanTest', fields, ['arg', 'booltesttype'])
    const [, not, test] = /^IS_(NOT_)?(TRUE|FALSE|UNKNOWN)$/.exec(String(fields.booltesttype)) ?? []
    if (test === undefined) throw pg.unknown({ type: 'BooleanTest', fields })
    return {
      kind: 'is',
      test: test.toLowerCase() as 'true' | 'false' | 'unknown',
      negated: not !== undefined,
      operand: reader.read(fields.arg),
      ...pg.at(fields),
    }
  },
  CaseExpr: readCase,
  CoalesceExpr: (pg, fields, reader) => {
    pg.only('CoalesceExpr', fields, ['args'])
    return { ...plainCall('coalesce', reader.list(fields.args)), ...pg.at(fields) }
  },
  MinMaxExpr: (pg, fields, reader) => {
    pg.only('MinMaxExpr', fields, ['op', 'args'])
    const name = fields.op === 'IS_LEAST' ? 'least' : 'greatest'
    return { ...plainCall(name, reader.list(fields.args)), ...pg.at(fields) }
  },
  FuncCall: readCall,
  TypeCast: readCast,
  CollateClause: (pg, fields, reader) => {
    pg.only('CollateClause', fields, ['arg', 'collname'])
    if (names(fields.collname).join('.') !== 'C') {
      throw pg.fail(fields, 'Only collate "C" is part of Stance\'s SQL.', 'Leave the collation out.')
    }
    return { kind: 'bytewise', operand: reader.read(fields.arg), ...pg.at(fields) }
  },
  SubLink: readSubLink,
}

function plainCall(name: string, args: Expr[]): Expr & { kind: 'call' } {
  return { kind: 'call', name, args, distinct: false, orderBy: [] }
}

function readConstant(pg: PgSource, fields: PgFields): Expr {
  const at = pg.at(fields)
  if (fields.isnull === true) return { kind: 'null', ...at }
  const inner = (name: string) => fields[name] as PgFields | undefined
  if (fields.boolval !== undefined)
    return { kind: 'boolean', value: inner('boolval')?.boolval === true, ...at }
  if (fields.ival !== undefined) return { kind: 'number', text: String(inner('ival')?.ival ?? 0), ...at }
  if (fields.fval !== undefined) return { kind: 'number', text: String(inner('fval')?.fval ?? 0), ...at }
  if (fields.sval !== undefined) return { kind: 'text', value: String(inner('sval')?.sval ?? ''), ...at }
  throw pg.fail(fields, "Bit strings are not part of Stance's SQL.", 'Write a text or a number.')
}

function readColumn(pg: PgSource, fields: PgFields): Expr {
  pg.only('ColumnRef', fields, ['fields'])
  const parts = nodes(fields.fields)
  const last = parts.at(-1)
  if (last === undefined || parts.length > 2) {
    throw pg.fail(fields, 'A column has at most a table before it.', 'Write table.column or alias.column.')
  }
  const text = (node: PgNode | undefined) =>
    node?.type === 'String' ? String(node.fields.sval ?? '') : undefined
  const table = parts.length === 2 ? text(parts[0]) : undefined
  const before = table === undefined ? {} : { table }
  if (last.type === 'A_Star') return { kind: 'star', ...before, ...pg.at(fields) }
  return { kind: 'column', ...before, name: text(last) ?? '', ...pg.at(fields) }
}

const binaryOperators: readonly string[] = ['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '||']

function readOperator(pg: PgSource, fields: PgFields, reader: ExpressionReader): Expr {
  pg.only('A_Expr', fields, ['kind', 'name', 'lexpr', 'rexpr', 'rexpr_list_start', 'rexpr_list_end'])
  const at = pg.at(fields)
  const name = names(fields.name).join('.')
  const left = () => reader.read(fields.lexpr)
  const right = () => reader.read(fields.rexpr)
  const items = () => {
    const list = toNode(fields.rexpr)
    if (list?.type !== 'List') throw pg.unknown({ type: `A_Expr.${String(fields.kind)}`, fields })
    return reader.list(list.fields.items)
  }
  switch (fields.kind) {
    case 'AEXPR_OP':
      if (fields.lexpr === undefined) {
        if (name === '-') return { kind: 'minus', operand: right(), ...at }
      } else if (binaryOperators.includes(name)) {
        return { kind: 'binary', op: name as BinaryOperator, left: left(), right: right(), ...at }
      }
      throw pg.fail(fields, `The operator ${name} is not part of Stance's SQL.`, nextForOperator(name))
    case 'AEXPR_IN':
      return { kind: 'in_list', negated: name === '<>', operand: left(), items: items(), ...at }
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE': {
      const ignoreCase = fields.kind === 'AEXPR_ILIKE'
      const pattern = toNode(fields.rexpr)
      if (pattern?.type === 'FuncCall' && names(pattern.fields.funcname).at(-1) === 'like_escape') {
        throw pg.fail(
          fields,
          'LIKE has no escape character here.',
          'Leave ESCAPE out; starts_with compares literally.',
        )
      }
      return {
        kind: 'like',
        negated: name.startsWith('!'),
        ignoreCase,
        operand: left(),
        pattern: right(),
        ...at,
      }
    }
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN': {
      const [low, high] = items()
      if (low === undefined || high === undefined) throw pg.unknown({ type: 'A_Expr', fields })
      return {
        kind: 'between',
        negated: fields.kind === 'AEXPR_NOT_BETWEEN',
        operand: left(),
        low,
        high,
        ...at,
      }
    }
    case 'AEXPR_NULLIF':
      return { ...plainCall('nullif', [left(), right()]), ...at }
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT':
      return {
        kind: 'distinct',
        negated: fields.kind === 'AEXPR_NOT_DISTINCT',
        left: left(),
        right: right(),
        ...at,
      }
  }
  throw pg.unknown({ type: `A_Expr.${String(fields.kind)}`, fields })
}

function nextForOperator(name: string): string {
  if (name.includes('~')) return 'Write like with % and _, starts_with or ends_with.'
  if (name.includes('>')) return 'Read a plain column: JSON is taken apart when it is collected.'
  return 'Use = <> < <= > >= + - * and like.'
}

function readLogic(pg: PgSource, fields: PgFields, reader: ExpressionReader): Expr {
  pg.only('BoolExpr', fields, ['boolop', 'args'])
  const operands = reader.list(fields.args)
  const at = pg.at(fields)
  if (fields.boolop === 'AND_EXPR') return { ...all(operands), ...at }
  if (fields.boolop === 'OR_EXPR') return { ...any(operands), ...at }
  const [operand] = operands
  if (fields.boolop !== 'NOT_EXPR' || operand === undefined) throw pg.unknown({ type: 'BoolExpr', fields })
  return { kind: 'not', operand, ...at }
}

function readCase(pg: PgSource, fields: PgFields, reader: ExpressionReader): Expr {
  pg.only('CaseExpr', fields, ['arg', 'args', 'defresult'])
  const operand = reader.optional(fields.arg)
  const otherwise = reader.optional(fields.defresult)
  const whens = nodes(fields.args).map(({ type, fields: one }) => {
    pg.only(type, one, ['expr', 'result'])
    return { when: reader.read(one.expr), result: reader.read(one.result) }
  })
  return {
    kind: 'case',
    ...(operand === undefined ? {} : { operand }),
    whens,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...pg.at(fields),
  }
}

/** `extract(year from x)` and its like are `extract('year', x)`: plain calls with the arguments in PostgreSQL's order. */
const wordCalls = new Set(['extract', 'substring', 'position', 'btrim', 'ltrim', 'rtrim'])

function readCall(pg: PgSource, fields: PgFields, reader: ExpressionReader): Expr {
  const known = [
    'funcname',
    'args',
    'agg_order',
    'agg_filter',
    'over',
    'agg_star',
    'agg_distinct',
    'funcformat',
  ]
  pg.only('FuncCall', fields, known)
  const name = names(fields.funcname)
  const [only] = name.length === 2 && name[0] === 'pg_catalog' ? name.slice(1) : name
  if (only === undefined || name.length > 2 || (name.length === 2 && name[0] !== 'pg_catalog')) {
    throw pg.fail(fields, 'A function has no schema here.', 'Write its plain name.')
  }
  const isWords = fields.funcformat === 'COERCE_SQL_SYNTAX' && wordCalls.has(only)
  if (fields.funcformat !== 'COERCE_EXPLICIT_CALL' && !isWords) {
    throw pg.fail(fields, `This form of ${only} is not part of Stance's SQL.`, 'Write name(a, b).')
  }
  const filter = reader.optional(fields.agg_filter)
  const args: Expr[] = fields.agg_star === true ? [{ kind: 'star' }] : reader.list(fields.args)
  return {
    ...plainCall(only, args),
    distinct: fields.agg_distinct === true,
    orderBy: reader.order(fields.agg_order),
    ...(filter === undefined ? {} : { filter }),
    ...(fields.over === undefined ? {} : { over: readWindow(pg, fields.over as PgFields, reader) }),
    ...pg.at(fields),
  }
}

/** 1058: what the grammar writes for a window without a frame clause. */
const defaultFrame = 1058

function readWindow(pg: PgSource, fields: PgFields, reader: ExpressionReader) {
  pg.only('WindowDef', fields, ['partitionClause', 'orderClause', 'frameOptions'])
  if (fields.frameOptions !== undefined && fields.frameOptions !== defaultFrame) {
    throw pg.fail(fields, "A window frame is not part of Stance's SQL.", 'Leave ROWS and RANGE out.')
  }
  return { partitionBy: reader.list(fields.partitionClause), orderBy: reader.order(fields.orderClause) }
}

const typeNames: Record<string, SqlType> = {
  text: 'text',
  bool: 'boolean',
  boolean: 'boolean',
  int4: 'integer',
  int8: 'bigint',
  bigint: 'bigint',
  float8: 'double',
  timestamptz: 'timestamptz',
  date: 'date',
  interval: 'interval',
}

function readCast(pg: PgSource, fields: PgFields, reader: ExpressionReader): Expr {
  pg.only('TypeCast', fields, ['arg', 'typeName'])
  const typeName = fields.typeName as PgFields
  const position = pg.at(fields).at === undefined ? pg.at(typeName) : pg.at(fields)
  pg.only('TypeName', typeName, ['names', 'typemod'])
  const spelled = names(typeName.names).at(-1) ?? ''
  const type = typeNames[spelled]
  if (type === undefined || (typeName.typemod !== undefined && typeName.typemod !== -1)) {
    const list = 'text, boolean, integer, bigint, double precision, timestamptz, date, interval'
    throw pg.fail(position, `The type ${spelled} is not part of Stance's SQL.`, `The types are ${list}.`)
  }
  const operand = reader.read(fields.arg)
  return operand.kind === 'text'
    ? { kind: 'typed', type, value: operand.value, ...position }
    : { kind: 'cast', operand, type, ...position }
}

function readSubLink(pg: PgSource, fields: PgFields, reader: ExpressionReader): Expr {
  pg.only('SubLink', fields, ['subLinkType', 'testexpr', 'subselect', 'operName'])
  const query = reader.readQuery(fields.subselect)
  const at = pg.at(fields)
  if (fields.subLinkType === 'EXISTS_SUBLINK') return { kind: 'exists', query, ...at }
  if (fields.subLinkType === 'EXPR_SUBLINK') return { kind: 'scalar', query, ...at }
  if (fields.subLinkType === 'ANY_SUBLINK' && optionalText(names(fields.operName).join('')) === undefined) {
    return { kind: 'in_select', negated: false, operand: reader.read(fields.testexpr), query, ...at }
  }
  throw pg.fail(
    fields,
    `${String(fields.subLinkType)} is not part of Stance's SQL.`,
    'Write exists (…) or in (select …).',
  )
}
