import type { StanceError } from '../../core/errors.ts'
import type { Query } from '../sql/ast.ts'
import { sqlError } from '../sql/sql-error.ts'
import type { Relation } from './relation.ts'
import type { Engine } from './scalar-functions.ts'
import type { SourceColumn } from './scope.ts'
import type { Typed } from './typed.ts'

/** A query as it will be printed; its columns are called `c1`, `c2`, … */
export interface CheckedQuery {
  query: Query
  columns: (SourceColumn & { at: number | undefined })[]
  /** Relations that the engine has to plan, those of WITH counted at each use. */
  relations: number
  /** Levels of subqueries inside expressions, of those in FROM and WITH too. */
  depth: number
  size: number
}

export interface CommonQuery {
  /** As it is printed. */
  alias: string
  columns: readonly SourceColumn[]
  relations: number
  depth: number
}

const maxSize = 30_000
const maxRelations = 40
/** DuckDB's planner takes ten times as long for two levels more, and cannot be interrupted: 12 take 10 s. */
const maxDepth = 6
const maxTextWidth = 120
/** All computed texts of a query together: engines hold them for thousands of rows at once. */
const maxTextWork = 600

/** What is shared while one text is checked: names given out, relations met, and the limits. */
export class CheckState {
  readonly source: string
  readonly engine: Engine
  readonly now: Date
  readonly relations: ReadonlyMap<string, Relation>
  readonly accountLimits: readonly string[] | undefined
  readonly used = new Set<string>()
  readonly common: { name: string; query: Query }[] = []
  #aliases = 0
  #textWork = 0

  constructor(options: {
    source: string
    engine: Engine
    now: Date
    relations: readonly Relation[]
    accountLimits: readonly string[] | undefined
  }) {
    this.source = options.source
    this.engine = options.engine
    this.now = options.now
    this.relations = new Map(options.relations.map((relation) => [relation.name, relation]))
    this.accountLimits = options.accountLimits
  }

  alias(): string {
    this.#aliases++
    return `t${String(this.#aliases)}`
  }

  fail(problem: { code: string; message: string; next: string; at: number | undefined }): StanceError {
    return sqlError(this.source, problem)
  }

  /** Every expression that is made passes here. */
  made(typed: Typed): Typed {
    if (typed.size > maxSize) throw this.tooLarge('The query is too large.', typed.at)
    return typed
  }

  computedText(typed: Typed): Typed {
    this.#textWork += typed.width
    if (typed.width > maxTextWidth || this.#textWork > maxTextWork) {
      throw this.tooLarge('This makes texts too long.', typed.at)
    }
    return typed
  }

  checkPlan({ relations, depth }: { relations: number; depth: number }, at: number | undefined): void {
    if (relations > maxRelations)
      throw this.tooLarge(`More than ${String(maxRelations)} tables are read.`, at)
    if (depth <= maxDepth) return
    throw this.fail({
      code: 'SQL_TOO_LARGE',
      message: `Subqueries stand inside each other more than ${String(maxDepth)} levels deep.`,
      next: 'Join the tables instead.',
      at,
    })
  }

  tooLarge(message: string, at: number | undefined): StanceError {
    return this.fail({
      code: 'SQL_TOO_LARGE',
      message,
      next: 'Ask for less at once, in several queries.',
      at,
    })
  }
}
