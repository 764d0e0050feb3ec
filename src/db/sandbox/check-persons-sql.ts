import { StanceError } from '../../core/errors.ts'
import type { Query } from '../sql/ast.ts'
import { parseQuery } from '../sql/parse-sql.ts'
import { sqlError } from '../sql/sql-error.ts'
import { QueryChecker } from './check-query.ts'
import { CheckState } from './check-state.ts'
import type { Relation, ResultColumn } from './relation.ts'
import type { Engine } from './scalar-functions.ts'

export interface CheckOptions {
  /** What may be read: documented views, with their columns. */
  relations: readonly Relation[]
  /** For which engine the query is made; it runs on no other. */
  engine: Engine
  /** What `now()` is. */
  now?: Date
  /** The accounts whose rows the reader may see; undefined for all. */
  accountLimits?: readonly string[] | undefined
}

export interface CheckedSql {
  /** To be printed by our emitter. Its columns are called `c1`, `c2`, …; no name in it was typed by a person. */
  query: Query
  /** As the person named them; names may repeat. */
  columns: ResultColumn[]
  /** Names of the relations that are read, sorted. */
  relations: string[]
}

/**
 * Reads one SELECT of a person, and makes of it a query that names only the relations and functions on our
 * lists. Whatever is not known is a `StanceError` that points at the character.
 */
export function checkPersonsSql(source: string, options: CheckOptions): CheckedSql {
  const nul = source.indexOf('\0')
  if (nul >= 0 || !source.isWellFormed()) {
    throw sqlError(source, {
      code: 'SQL_SYNTAX',
      message: 'The text holds a character that cannot stand in SQL.',
      next: 'Remove it.',
      at: Math.max(0, nul),
    })
  }
  const { tree, params } = parsed(source)
  if (params.length > 0) {
    throw sqlError(source, {
      code: 'SQL_NOT_SUPPORTED',
      message: `The parameter :${params[0]!} cannot stand here.`,
      next: 'Write the value itself.',
      at: source.indexOf(`:${params[0]!}`),
    })
  }
  const state = new CheckState({
    source,
    engine: options.engine,
    now: options.now ?? new Date(),
    relations: options.relations,
    accountLimits: options.accountLimits,
  })
  const { query, columns } = new QueryChecker(state).check(tree, new Map(), undefined)
  return {
    query: { ...query, with: state.common },
    columns: columns.map(({ name, type }) => {
      if (type === 'null') return { name, type: 'text' }
      if (type !== 'interval' && type !== 'duration') return { name, type }
      throw sqlError(source, {
        code: 'SQL_TYPE',
        message: 'The time between two times cannot be selected.',
        next: 'Select extract(epoch from a - b), which is seconds, or extract(day from a - b).',
        at: columns.find((column) => column.type === type)?.at,
      })
    }),
    relations: [...state.used].sort(),
  }
}

function parsed(source: string): ReturnType<typeof parseQuery> {
  try {
    return parseQuery(source)
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    const { message, details, cause } = error
    const next = error.next.replace('docs/guide/rule-language.md', 'docs/guide/sql.md')
    throw next === error.next ? error : new StanceError(error.code, message, { next, details, cause })
  }
}
