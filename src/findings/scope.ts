import type { Param } from '../db/database.ts'

/** Which resources a judgement speaks of; nothing named means all. */
export interface Scope {
  accountIds?: readonly string[]
  region?: string
  resourceKeys?: readonly string[]
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
