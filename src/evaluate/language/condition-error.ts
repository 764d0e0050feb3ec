import type { StanceError } from '../../core/errors.ts'
import { sqlError } from '../../db/sql/sql-error.ts'

/** Why a condition does not compile. `SQL_SYNTAX` and `SQL_NOT_SUPPORTED` come from the parser. */
export type ConditionErrorCode =
  | 'CONDITION_NOT_ALLOWED'
  | 'CONDITION_UNKNOWN_TABLE'
  | 'CONDITION_UNKNOWN_COLUMN'
  | 'CONDITION_UNQUALIFIED'
  | 'CONDITION_TYPE'
  | 'CONDITION_CORRELATION'
  | 'CONDITION_PARAM'

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
