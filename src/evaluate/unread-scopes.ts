import type { Catalogue } from '../core/table-shape.ts'
import type { Scope } from '../findings/scope.ts'

/** The tables of a provider whose rows the planner makes: where a finding about an unread cell stands. */
export interface ScopeTables {
  account: string
  region: string
}

/**
 * SELECT of what is said of the unread cells of a table: one row per cell that is not in force, on the scope's own
 * resource (its region's row, or its account's), unknown for every rule. What configuration leaves out, and where
 * there is nothing to read, says nothing (architecture §3).
 */
export function unreadScopesSql(
  table: string,
  slots: readonly { slot: number }[],
  catalogue: Catalogue,
  scopeTables: ScopeTables,
  scope: Scope,
): string | undefined {
  const shape = catalogue.get(table)
  if (shape === undefined || table === scopeTables.account || table === scopeTables.region) return undefined
  const regional = shape.parts === 'region'
  const scopeTable = regional ? scopeTables.region : scopeTables.account
  return `select c.account_id, s.region, s.resource_key, '${unknownForAll(slots)}' as verdicts
    from stance.cell c
    join lake.${scopeTable} s on s.account_id = c.account_id${regional ? ' and s.region = c.part' : ''}
    where c.table_name = '${table}' and not c.in_force and c.state not in ('excluded', 'absent')${literalScope(scope, regional)}`
}

/** Exposure as of a private resource, then unknown in every slot that has a rule. */
function unknownForAll(slots: readonly { slot: number }[]): string {
  const last = Math.max(0, ...slots.map(({ slot }) => slot))
  const characters = Array.from({ length: last }, () => '.')
  for (const { slot } of slots) characters[slot - 1] = 'u'
  return `o${characters.join('')}`
}

/** Printed as literals, as the compiled pass beside it is: one statement has one way of saying them. */
function literalScope(scope: Scope, regional: boolean): string {
  let sql = ''
  if (scope.accountIds !== undefined) {
    const list = scope.accountIds.map(quote).join(', ')
    sql += ` and c.account_id in (${list}) and s.account_id in (${list})`
  }
  if (regional && scope.region !== undefined) sql += ` and c.part = ${quote(scope.region)}`
  return sql
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
