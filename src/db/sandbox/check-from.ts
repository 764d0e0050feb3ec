import { nearest } from '../../core/nearest.ts'
import type { Expr, From, Query } from '../sql/ast.ts'
import type { ExpressionChecker } from './check-expression.ts'
import type { CheckedQuery, CheckState, CommonQuery } from './check-state.ts'
import type { Relation } from './relation.ts'
import type { Scope, Source, SourceColumn } from './scope.ts'

export type CommonQueries = ReadonlyMap<string, CommonQuery>

export interface CheckedFrom {
  from: From
  sources: Source[]
  relations: number
  depth: number
  size: number
}

/** Checks FROM: only relations that the caller listed, WITH queries, and subqueries. */
export class FromChecker {
  readonly #state: CheckState
  readonly #expressions: ExpressionChecker
  readonly #subquery: (query: Query, common: CommonQueries) => CheckedQuery

  constructor(
    state: CheckState,
    expressions: ExpressionChecker,
    subquery: (query: Query, common: CommonQueries) => CheckedQuery,
  ) {
    this.#state = state
    this.#expressions = expressions
    this.#subquery = subquery
  }

  check(items: readonly From[], common: CommonQueries, parent: Scope | undefined): CheckedFrom[] {
    const checked = items.map((item) => this.#check(item, common, parent))
    this.#refuseDoubles(
      checked.flatMap(({ sources }) => sources),
      items[0],
    )
    return checked
  }

  #check(item: From, common: CommonQueries, parent: Scope | undefined): CheckedFrom {
    if (item.kind === 'subselect') {
      const alias = this.#state.alias()
      const { query, columns, relations, depth, size } = this.#subquery(item.query, common)
      return {
        from: { kind: 'subselect', query, as: alias },
        sources: [{ name: item.as, alias, columns }],
        relations,
        depth,
        size,
      }
    }
    if (item.kind === 'join') return this.#join(item, common, parent)
    const shared = item.schema === undefined ? common.get(item.name) : undefined
    const name = item.as ?? item.name
    const alias = this.#state.alias()
    if (shared !== undefined) {
      const from: From = { kind: 'table', name: shared.alias, as: alias }
      return {
        from,
        sources: [{ name, alias, columns: shared.columns }],
        relations: shared.relations,
        depth: shared.depth,
        size: 1,
      }
    }
    return this.#relation(item, name, alias, common)
  }

  #join(item: From & { kind: 'join' }, common: CommonQueries, parent: Scope | undefined): CheckedFrom {
    const left = this.#check(item.left, common, parent)
    const right = this.#check(item.right, common, parent)
    const sources = [...left.sources, ...right.sources]
    this.#refuseDoubles(sources, item)
    const scope: Scope = { sources, parent }
    const on =
      item.on === undefined
        ? undefined
        : this.#expressions.checkAs(
            item.on,
            { scope, clause: 'ON', aggregates: undefined, windows: false },
            'boolean',
          )
    return {
      from: {
        kind: 'join',
        join: item.join,
        left: left.from,
        right: right.from,
        ...(on === undefined ? {} : { on: on.expr }),
      },
      sources,
      relations: left.relations + right.relations,
      depth: Math.max(left.depth, right.depth),
      size: left.size + right.size + (on?.size ?? 0) + 1,
    }
  }

  #relation(item: From & { kind: 'table' }, name: string, alias: string, common: CommonQueries): CheckedFrom {
    const relation = this.#state.relations.get(`${item.schema ?? 'public'}.${item.name}`)
    if (relation === undefined) throw this.#unknown(item, common)
    this.#state.used.add(relation.name)
    const columns = relation.columns.map(
      ({ name: column, type }): SourceColumn => ({
        name: column,
        printed: column,
        type,
        width: type === 'json' ? 20 : type === 'text' ? 1 : 0,
      }),
    )
    return {
      from: this.#printed(relation, alias, item),
      sources: [{ name, alias, columns }],
      relations: 1,
      depth: 0,
      size: columns.length,
    }
  }

  /** With account limits, a relation becomes a subquery that holds the rows of these accounts and no others. */
  #printed(relation: Relation, alias: string, { at }: From): From {
    const [schema, table] = relation.name.split('.')
    const named: From = { kind: 'table', schema: schema!, name: table!, as: alias }
    const limits = this.#state.accountLimits
    if (limits === undefined || relation.shared) return named
    if (!relation.columns.some(({ name }) => name === 'account_id')) {
      throw this.#state.fail({
        code: 'SQL_ACCOUNT_LIMITS',
        message: `${relation.name} holds more than single accounts, and you see some accounts only.`,
        next: 'Ask somebody who sees all accounts.',
        at,
      })
    }
    const inner = this.#state.alias()
    const account: Expr = { kind: 'column', table: inner, name: 'account_id' }
    const items = limits.map((value): Expr => ({ kind: 'typed', type: 'text', value }))
    const where: Expr =
      items.length === 0
        ? { kind: 'boolean', value: false }
        : { kind: 'in_list', negated: false, operand: account, items }
    return {
      kind: 'subselect',
      as: alias,
      query: {
        kind: 'select',
        with: [],
        distinct: false,
        targets: relation.columns.map((column) => ({
          expr: { kind: 'column', table: inner, name: column.name },
          as: column.name,
        })),
        from: [{ ...named, as: inner }],
        where,
        groupBy: [],
        orderBy: [],
        // A fence: no engine runs a condition of the query around it, and so raises no error, on other rows.
        offset: { kind: 'number', text: '0' },
      },
    }
  }

  #unknown(item: From & { kind: 'table' }, common: CommonQueries): Error {
    const names = [...this.#state.relations.keys()].map((name) => name.replace(/^public\./, ''))
    const written = item.schema === undefined ? item.name : `${item.schema}.${item.name}`
    const meant = nearest(written.replace(/^public\./, ''), [...names, ...common.keys()])
    return this.#state.fail({
      code: 'SQL_UNKNOWN_NAME',
      message: `There is no table ${written} that can be read here.`,
      next: `${meant === undefined ? '' : `Perhaps you mean ${meant}. `}\`stance tables list\` names the tables, and the views beside them.`,
      at: item.at,
    })
  }

  #refuseDoubles(sources: readonly Source[], item: From | undefined): void {
    const seen = new Set<string>()
    for (const { name } of sources) {
      if (seen.has(name)) {
        throw this.#state.fail({
          code: 'SQL_UNKNOWN_NAME',
          message: `Two tables of FROM are called ${name}.`,
          next: 'Give one of them another name: from a_table x.',
          at: item?.at,
        })
      }
      seen.add(name)
    }
  }
}

export function total<K extends string>(parts: readonly Record<K, number>[], what: K): number {
  return parts.reduce((sum, part) => sum + part[what], 0)
}
