import type { Expr } from '../sql/ast.ts'

/** Two expressions with one key are printed alike. */
export function keyOf(expr: Expr): string {
  return JSON.stringify(expr, (name, value: unknown) => (name === 'at' ? undefined : value))
}

/**
 * The first column of this select that stands neither in an aggregate nor in GROUP BY. `own` are the printed
 * aliases of its FROM; columns of queries around it are constants here.
 */
export function ungrouped(
  expr: Expr,
  own: ReadonlySet<string>,
  keys: ReadonlySet<string>,
  aggregates: ReadonlySet<Expr>,
): Expr | undefined {
  const visit = (value: unknown): Expr | undefined => {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value)) return firstOf(value, visit)
    const node = value as Expr
    if ('kind' in node) {
      if (aggregates.has(node)) return undefined
      if (node.kind === 'column' && node.table !== undefined && own.has(node.table)) {
        return keys.has(keyOf(node)) ? undefined : node
      }
      if (keys.size > 0 && keys.has(keyOf(node))) return undefined
    }
    return firstOf(Object.values(node), visit)
  }
  return visit(expr)
}

function firstOf<T>(values: readonly unknown[], visit: (value: unknown) => T | undefined): T | undefined {
  for (const value of values) {
    const found = visit(value)
    if (found !== undefined) return found
  }
  return undefined
}
