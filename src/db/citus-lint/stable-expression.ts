import type { A_Expr, Node, TypeCast } from 'libpg-query'
import { functionNameOf } from './functions.ts'

/**
 * What PostgreSQL marks STABLE, because it depends on the session's time zone or settings, as far as a syntax
 * tree without types can tell. Citus refuses it in an UPDATE or DELETE where it is applied to a column.
 */
const stableFunctions = new Set(
  (
    'to_char to_timestamp to_date date_trunc date_part extract age timezone concat concat_ws format to_json to_jsonb ' +
    'row_to_json json_build_object jsonb_build_object json_build_array jsonb_build_array array_to_json'
  ).split(' '),
)
const timeTypes = new Set(['timestamptz', 'timestamp', 'date', 'time', 'timetz'])

/** Does it apply a stable function, cast or operator to a column? */
export function isStableOverColumn(node: Node): boolean {
  if ('FuncCall' in node)
    return stableFunctions.has(functionNameOf(node.FuncCall)) && hasColumn(node.FuncCall.args)
  if ('TypeCast' in node) return timeTypes.has(typeNameOf(node.TypeCast)) && hasColumn(node.TypeCast.arg)
  return 'A_Expr' in node && isTimeArithmetic(node.A_Expr)
}

/** `time ± interval` needs the time zone: a day is not always 24 hours. */
function isTimeArithmetic({ kind, name, lexpr, rexpr }: A_Expr): boolean {
  const [operator] = name ?? []
  const sign = operator !== undefined && 'String' in operator ? operator.String.sval : ''
  if (kind !== 'AEXPR_OP' || (sign !== '+' && sign !== '-')) return false
  return (isInterval(lexpr) || isInterval(rexpr)) && (hasColumn(lexpr) || hasColumn(rexpr))
}

function isInterval(node: Node | undefined): boolean {
  if (node === undefined) return false
  if ('TypeCast' in node) return typeNameOf(node.TypeCast) === 'interval'
  if ('FuncCall' in node) return functionNameOf(node.FuncCall) === 'make_interval'
  return 'A_Expr' in node && (isInterval(node.A_Expr.lexpr) || isInterval(node.A_Expr.rexpr))
}

function typeNameOf(cast: TypeCast): string {
  const last = cast.typeName?.names?.at(-1)
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : ''
}

function hasColumn(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  if ('ColumnRef' in node) return true
  return Object.values(node).some(hasColumn)
}
