import type { Param } from '../db/database.ts'
import { quoteText } from '../db/identifier.ts'

/** Which resources a judgement speaks of; nothing named means all. */
export interface Scope {
  accountIds?: readonly string[]
  region?: string
  resourceKeys?: readonly string[]
}

/** The accounts of it alone. */
export function accountsOf({ accountIds }: Scope): Scope {
  return accountIds === undefined ? {} : { accountIds }
}

/** Prints the scope as conditions on one relation and collects the parameters; begins with ` and`. */
export function inScope(alias: string, scope: Scope, params: Param[]): string {
  let sql = ''
  if (scope.accountIds !== undefined) {
    if (scope.accountIds.length === 1) {
      params.push(scope.accountIds[0] ?? '')
      sql += ` and ${alias}.account_id = $${params.length}::text`
    } else {
      params.push(scope.accountIds)
      sql += ` and ${alias}.account_id = any($${params.length}::text[])`
    }
  }
  if (scope.region !== undefined) {
    params.push(scope.region)
    sql += ` and ${alias}.region = $${params.length}::text`
  }
  if (scope.resourceKeys !== undefined) {
    params.push(scope.resourceKeys)
    sql += ` and ${alias}.resource_key = any($${params.length}::text[])`
  }
  return sql
}

/**
 * The same without parameters, for statements that hold a compiled pass: DuckDB binds one that has parameters twice, and
 * then plans it; of these, binding is a third of what they take. A pass prints its own scope in the same way.
 */
export function printScope(alias: string, { accountIds, region, resourceKeys }: Scope): string {
  const oneOf = (column: string, texts: readonly string[]) =>
    ` and ${alias}.${column} in (${texts.map(quoteText).join(', ')})`
  return [
    accountIds === undefined ? '' : oneOf('account_id', accountIds),
    region === undefined ? '' : ` and ${alias}.region = ${quoteText(region)}`,
    resourceKeys === undefined ? '' : oneOf('resource_key', resourceKeys),
  ].join('')
}
