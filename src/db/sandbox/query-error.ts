import { StanceError } from '../../core/errors.ts'
import { codeOf } from '../postgres/postgres-errors.ts'

interface Kind {
  /** SQLSTATE, or its class of two characters. */
  states: readonly string[]
  /** DuckDB has no codes. */
  pattern: RegExp
  message: string
  next: string
}

const kinds: readonly Kind[] = [
  {
    states: ['22'],
    pattern: /^(Out of Range|Conversion) Error|^Invalid Input Error: .*(out of range|overflow)/i,
    message: 'A number in this query went out of range.',
    next: 'Compute with doubles (* 1.0), or leave the odd rows out.',
  },
  {
    states: ['21000'],
    pattern: /More than one row returned by a subquery/,
    message: 'A subquery that stands for one value gave several rows.',
    next: 'Write max(…) or min(…), or limit 1 with an order.',
  },
  {
    states: ['54', '0A', '53'],
    pattern: /^Not implemented Error|Max expression depth|stack depth|too large|too long/i,
    message: 'This query is more than the database can do at once.',
    next: 'Make it simpler: a full join wants one column equal to another, and long texts want to be cut.',
  },
]

/**
 * What a person reads of an error while a checked query ran. The engine's own words stay in the cause: they can
 * hold values of rows that the reader may not see.
 */
export function toQueryError(error: unknown, timeoutMs: number): unknown {
  if (error instanceof StanceError && error.code === 'DB_TIMEOUT')
    return new StanceError(
      'DB_TIMEOUT',
      `This query was ended: it was not done after ${timeoutMs / 1000} s.`,
      {
        next: 'Narrow it, or give it more time: --timeout <seconds>.',
        cause: error,
      },
    )
  if (error instanceof StanceError) return error
  const message = error instanceof Error ? error.message : ''
  const state = codeOf(error)
  const kind = kinds.find(({ states, pattern }) =>
    state === undefined ? pattern.test(message) : states.some((one) => state.startsWith(one)),
  )
  return new StanceError('SQL_FAILED', kind?.message ?? 'The database could not run this query.', {
    next:
      kind?.next ??
      'Write it in another way, and report it: the query had passed all that is looked at before.',
    cause: error,
  })
}
