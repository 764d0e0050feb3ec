import type { CommonTable, Expr, From, Query, Select, Target } from './ast.ts'
import { nodes, optionalText, type PgFields, type PgSource, toNode } from './pg-tree.ts'
import { ExpressionReader } from './read-expression.ts'

const tail = ['withClause', 'sortClause', 'limitCount', 'limitOffset', 'limitOption', 'op']

const maxDepth = 200

/** Turns a SelectStmt of libpg-query into our Query. */
export class QueryReader {
  readonly #pg: PgSource
  readonly #expressions: ExpressionReader
  #depth = 0

  constructor(pg: PgSource) {
    this.#pg = pg
    this.#expressions = new ExpressionReader(pg, (value) => this.read(value))
  }

  read(value: unknown): Query {
    const node = toNode(value)
    if (node?.type !== 'SelectStmt') {
      throw this.#pg.fail(
        node?.fields ?? {},
        'Only SELECT can be written.',
        'SQL here only reads: write one select.',
      )
    }
    return this.#select(node.fields)
  }

  #select(fields: PgFields): Query {
    return this.#deeper(fields, () =>
      fields.op === undefined || fields.op === 'SETOP_NONE' ? this.#plain(fields) : this.#set(fields),
    )
  }

  /** Long chains of joins and unions are deep trees, which every walk over them must survive. */
  #deeper<T>(fields: PgFields, read: () => T): T {
    if (this.#depth >= maxDepth)
      throw this.#pg.fail(fields, 'The SQL is nested too deep.', 'Make it flatter.')
    this.#depth++
    const result = read()
    this.#depth--
    return result
  }

  #plain(fields: PgFields): Select {
    this.#pg.only('SelectStmt', fields, [
      ...tail,
      'targetList',
      'fromClause',
      'whereClause',
      'groupClause',
      'havingClause',
      'distinctClause',
    ])
    const distinct = fields.distinctClause as unknown[] | undefined
    if (distinct?.some((item) => toNode(item) !== undefined)) {
      throw this.#pg.fail(fields, "DISTINCT ON is not part of Stance's SQL.", 'Use group by.')
    }
    const where = this.#expressions.optional(fields.whereClause)
    const having = this.#expressions.optional(fields.havingClause)
    return {
      kind: 'select',
      distinct: distinct !== undefined,
      targets: nodes(fields.targetList).map(({ type, fields: one }) => this.#target(type, one)),
      from: nodes(fields.fromClause).map((one) => this.#from({ [one.type]: one.fields })),
      ...(where === undefined ? {} : { where }),
      groupBy: this.#expressions.list(fields.groupClause),
      ...(having === undefined ? {} : { having }),
      ...this.#tail(fields),
    }
  }

  #set(fields: PgFields): Query {
    this.#pg.only('SelectStmt', fields, [...tail, 'all', 'larg', 'rarg'])
    const op = ({ SETOP_UNION: 'union', SETOP_INTERSECT: 'intersect', SETOP_EXCEPT: 'except' } as const)[
      String(fields.op)
    ]
    if (op === undefined) throw this.#pg.unknown({ type: String(fields.op), fields })
    return {
      kind: 'set',
      op,
      all: fields.all === true,
      left: this.#select(fields.larg as PgFields),
      right: this.#select(fields.rarg as PgFields),
      ...this.#tail(fields),
    }
  }

  #tail(fields: PgFields) {
    if (fields.limitOption === 'LIMIT_OPTION_WITH_TIES') {
      throw this.#pg.fail(fields, "WITH TIES is not part of Stance's SQL.", 'Write limit n.')
    }
    const limit = this.#expressions.optional(fields.limitCount)
    const offset = this.#expressions.optional(fields.limitOffset)
    const withClause = fields.withClause as PgFields | undefined
    if (withClause !== undefined) this.#pg.only('WithClause', withClause, ['ctes'])
    return {
      with: nodes(withClause?.ctes).map(({ type, fields: one }) => this.#common(type, one)),
      orderBy: this.#expressions.order(fields.sortClause),
      ...(limit === undefined ? {} : { limit }),
      ...(offset === undefined ? {} : { offset }),
    }
  }

  #common(type: string, fields: PgFields): CommonTable {
    this.#pg.only(type, fields, ['ctename', 'ctequery', 'ctematerialized'])
    if (fields.ctematerialized !== 'CTEMaterializeDefault') {
      throw this.#pg.fail(fields, "MATERIALIZED is not part of Stance's SQL.", 'Leave it out.')
    }
    return { name: String(fields.ctename), query: this.read(fields.ctequery), ...this.#pg.at(fields) }
  }

  #target(type: string, fields: PgFields): Target {
    this.#pg.only(type, fields, ['name', 'val'])
    const as = optionalText(fields.name)
    return { expr: this.#expressions.read(fields.val), ...(as === undefined ? {} : { as }) }
  }

  #from(value: unknown): From {
    const node = toNode(value)
    if (node === undefined) throw new TypeError('the parser gave no FROM item')
    const { type, fields } = node
    if (type === 'RangeVar') return this.#table(fields)
    if (type === 'RangeSubselect') {
      this.#pg.only(type, fields, ['subquery', 'alias'])
      const as = this.#alias(fields)
      if (as === undefined)
        throw this.#pg.fail(fields, 'A subquery in FROM needs a name.', 'Write (select …) as name.')
      return { kind: 'subselect', query: this.read(fields.subquery), as }
    }
    if (type === 'JoinExpr') return this.#deeper(fields, () => this.#join(fields))
    throw this.#pg.unknown(node)
  }

  #table(fields: PgFields): From {
    this.#pg.only('RangeVar', fields, ['schemaname', 'relname', 'inh', 'relpersistence', 'alias'])
    const schema = optionalText(fields.schemaname)
    const as = this.#alias(fields)
    if (fields.inh !== true) throw this.#pg.fail(fields, "ONLY is not part of Stance's SQL.", 'Leave it out.')
    return {
      kind: 'table',
      ...(schema === undefined ? {} : { schema }),
      name: String(fields.relname),
      ...(as === undefined ? {} : { as }),
      ...this.#pg.at(fields),
    }
  }

  #alias(fields: PgFields): string | undefined {
    const alias = fields.alias as PgFields | undefined
    if (alias === undefined) return undefined
    if (alias.colnames !== undefined) {
      throw this.#pg.fail(
        fields,
        "Column names after an alias are not part of Stance's SQL.",
        'Name them with as.',
      )
    }
    return optionalText(alias.aliasname)
  }

  #join(fields: PgFields): From {
    this.#pg.only('JoinExpr', fields, ['jointype', 'larg', 'rarg', 'quals'])
    const named = { JOIN_INNER: 'inner', JOIN_LEFT: 'left', JOIN_RIGHT: 'right', JOIN_FULL: 'full' } as const
    const join = named[String(fields.jointype) as keyof typeof named]
    if (join === undefined) throw this.#pg.unknown({ type: String(fields.jointype), fields })
    const on: Expr | undefined = this.#expressions.optional(fields.quals)
    return {
      kind: 'join',
      join: on === undefined ? 'cross' : join,
      left: this.#from(fields.larg),
      right: this.#from(fields.rarg),
      ...(on === undefined ? {} : { on }),
    }
  }
}
