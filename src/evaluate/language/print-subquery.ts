import type { Expr } from '../../db/sql/ast.ts'
import { all, binary, call, choose, isTest, no, none, truthNumber, when, yes } from '../../db/sql/build.ts'
import { sortKeys } from './nullable-keys.ts'
import type { RowCompiler } from './row-compiler.ts'
import { isColumn, type Subquery } from './term.ts'

const number = (value: 0 | 1 | 2): Expr => ({ kind: 'number', text: String(value) })

/** What stands for the three truth values. */
export interface Outcomes {
  yes: Expr
  no: Expr
  unknown: Expr
}

const truth: Outcomes = { yes, no, unknown: none }

/**
 * exists: 2 where P is TRUE for a row, else 1 where it is NULL for one, else 0; FALSE only if nothing that could
 * hold such a row was left unread. Aggregates: the value, if P and what is counted were known for every row.
 */
export function printSubquery(sub: Subquery, around: RowCompiler, outcomes = truth): Expr {
  const main = around.lookup(sub)
  const holds = main.predicate(sub.where)
  const known = all([
    ...sub.keys
      .filter(({ outer }) => !isKeyColumn(outer))
      .map(({ outer }) => isTest('null', around.print(outer), true)),
    ...(sub.account === undefined ? [] : [isTest('null', around.print(sub.account), true)]),
    ...nullKeySubsets(sub, around).map((nulls) => noneMeets(sub, nulls, around)),
    vouchedFor(sub, around),
  ])
  if (sub.form === 'exists') {
    const best = main.columns.refer(call('max', truthNumber(holds)))
    return {
      kind: 'case',
      whens: [
        { when: binary('=', best, number(2)), result: outcomes.yes },
        { when: all([isZero(best), known]), result: outcomes.no },
      ],
      otherwise: outcomes.unknown,
    }
  }
  const argument = sub.argument === undefined ? undefined : main.row.print(sub.argument)
  const lacking = argument === undefined ? number(0) : when(isTest('null', argument), number(1), number(0))
  const unknown = main.columns.refer(call('max', choose(holds, lacking, number(0), number(1))))
  const value = main.columns.refer(aggregate(sub, holds, argument))
  const result = sub.orElse === undefined ? value : call('coalesce', value, around.print(sub.orElse))
  return when(all([isZero(unknown), known]), result)
}

/** That there is no such row can be said: what could hold one was read, and not before the row around was as it is. */
export function vouchedFor(sub: Subquery, around: RowCompiler): Expr {
  return all([around.reads.test(sub), around.reads.isAsNew(sub, () => around.lookup(sub).isThere())])
}

function aggregate(sub: Subquery, holds: Expr, argument: Expr | undefined): Expr {
  if (argument === undefined) return call('count', when(holds, number(1)))
  const ordered = sub.form !== 'sum' && sub.type === 'text'
  return call(sub.form, when(holds, ordered ? { kind: 'bytewise', operand: argument } : argument))
}

function isZero(column: Expr): Expr {
  return binary('=', call('coalesce', column, number(0)), number(0))
}

/** Always there, even of a row that nobody vouches for. */
function isKeyColumn(outer: Subquery['keys'][number]['outer']): boolean {
  return ['account_id', 'region', 'resource_key'].some((name) => isColumn(outer, name))
}

/** Every way in which keys of an inner row can be NULL. */
function nullKeySubsets(sub: Subquery, around: RowCompiler): Subquery['keys'][] {
  const { nullable } = sortKeys(sub, around.compilation.catalogue)
  const sets: Subquery['keys'][] = [[]]
  for (const key of nullable) for (const set of [...sets]) sets.push([...set, key])
  return sets.slice(1)
}

/** No inner row with these keys NULL could be meant: where its other keys fit, its predicate is FALSE. */
function noneMeets(sub: Subquery, nulls: Subquery['keys'], around: RowCompiler): Expr {
  const lookup = around.lookup(sub, nulls)
  const holds = lookup.predicate(sub.where)
  return isZero(lookup.columns.refer(call('max', truthNumber(holds))))
}
