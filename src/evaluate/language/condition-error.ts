import type { StanceError } from '../../core/errors.ts'
import { sqlError } from '../../db/sql/sql-error.ts'

/** Why a condition does not compile; the error itself says it exactly. `SQL_…` codes come from the parser. */
const conditionErrors = [
  {
    code: 'CONDITION_NOT_ALLOWED',
    message: 'SQL that a condition does not have.',
    next: 'Write what the error says instead.',
  },
  {
    code: 'CONDITION_UNKNOWN_TABLE',
    message: 'There is no such table or alias.',
    next: 'Use the name that the error suggests, or one of docs/reference.',
  },
  {
    code: 'CONDITION_UNKNOWN_COLUMN',
    message: 'The table has no such column.',
    next: 'Use the name that the error suggests, or one of docs/reference.',
  },
  {
    code: 'CONDITION_UNQUALIFIED',
    message: 'It is not said whose column it is, or two rows have one name.',
    next: 'Write alias.column, and give a table that is named twice an alias.',
  },
  {
    code: 'CONDITION_TYPE',
    message: 'Types do not fit, or a value is out of bounds.',
    next: 'Compare values of one type.',
  },
  {
    code: 'CONDITION_CORRELATION',
    message: 'Rows meet in another way than by equalities that form a tree.',
    next: 'Link each table to one other; write alternatives as subqueries joined by or.',
  },
  {
    code: 'CONDITION_PARAM',
    message: 'A parameter is not declared, or is used in a place that its kind does not fit.',
    next: 'Declare it under params, and write it outside of quotes.',
  },
] as const

export type ConditionErrorCode = (typeof conditionErrors)[number]['code']

/** Points at the character: details are offset, line, column (in the condition's text) and excerpt. */
export function conditionError(
  text: string,
  code: ConditionErrorCode,
  at: number | undefined,
  message: string,
  next: string,
): StanceError {
  return sqlError(text, { code, message, next, at })
}
