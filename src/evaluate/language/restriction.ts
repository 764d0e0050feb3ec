import type { Expr } from '../../db/sql/ast.ts'
import { column, equal, oneOf, textValue } from '../../db/sql/build.ts'
import { isColumn, type Subquery, type Term } from './term.ts'

/** Which rows of the judged table are meant; left out: all. */
export interface Restriction {
  accountIds?: readonly string[]
  region?: string
  resourceKeys?: readonly string[]
}

/** The same said of the rows of a table. */
export function restrictRows(restriction: Restriction, alias: string): Expr[] {
  const { accountIds, region, resourceKeys } = restriction
  return [
    ...(accountIds === undefined ? [] : [oneOf(column(alias, 'account_id'), accountIds)]),
    ...(region === undefined ? [] : [equal(column(alias, 'region'), textValue(region))]),
    ...(resourceKeys === undefined ? [] : [oneOf(column(alias, 'resource_key'), resourceKeys)]),
  ]
}

/** What of it holds for the rows that a subquery can meet: its equalities carry it. */
export function restrictionBelow(restriction: Restriction, sub: Subquery): Restriction {
  if (sub.account !== undefined) return {}
  const carried = (name: string) =>
    sub.keys.some((key) => isColumn(key.inner, name) && isColumn(key.outer, name))
  return {
    ...accountsOf(restriction),
    ...(restriction.region !== undefined && carried('region') ? { region: restriction.region } : {}),
    ...(restriction.resourceKeys !== undefined && carried('resource_key')
      ? { resourceKeys: restriction.resourceKeys }
      : {}),
  }
}

export function accountsOf(restriction: Restriction): Restriction {
  return restriction.accountIds === undefined ? {} : { accountIds: restriction.accountIds }
}

export function regionIfCarried(restriction: Restriction, region: Term): string | undefined {
  return isColumn(region, 'region') ? restriction.region : undefined
}
