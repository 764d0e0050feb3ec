import type { Catalogue } from '../core/table-shape.ts'
import type { Scope } from '../findings/scope.ts'
import { exposureUnread } from './language/verdict-string.ts'

/** The tables of a provider whose rows the planner makes: where a finding about an unread cell stands. */
export interface ScopeTables {
  account: string
  region: string
  /** '' where the provider has no organizations. */
  organization: string
  /** Tables that belong to an organization as a whole. */
  ofOrganization: ReadonlySet<string>
}

/** Regions that nobody could name are one cell; no region's row can stand for them, so the account's does. */
export const unnamedPart = '*'

/**
 * SELECT of what is said of the unread cells of a table: one row per cell that is not in force, on the scope's own
 * resource (its region's row, its account's, its organization's), unknown for every rule. What configuration leaves
 * out, and where there is nothing to read, says nothing (architecture §3).
 */
export function unreadScopesSql(
  table: string,
  slots: readonly { slot: number }[],
  catalogue: Catalogue,
  scopeTables: ScopeTables,
  scope: Scope,
): string | undefined {
  const shape = catalogue.get(table)
  const { account, region, organization, ofOrganization } = scopeTables
  if (shape === undefined || table === account || table === organization) return undefined
  const select = (scopeTable: string, which: string) =>
    `select c.account_id, s.region, s.resource_key, '${exposureUnread(shape)}${unknownForAll(slots)}' as verdicts
    from stance.cell c
    join lake.${scopeTable} s on s.account_id = c.account_id
    where c.table_name = '${table}' and not c.in_force and c.state not in ('excluded', 'absent')${which}${literalScope(scope)}`
  if (shape.parts !== 'region') {
    const owner = ofOrganization.has(table) ? organization : account
    return owner === '' ? undefined : select(owner, '')
  }
  // A region's own row is there, read or not: it says for itself what is not known of it.
  const known = table === region ? [] : [select(region, ` and s.region = c.part${inRegion(scope)}`)]
  const unnamed = scope.region === undefined ? [select(account, ` and c.part = '${unnamedPart}'`)] : []
  const all = [...known, ...unnamed]
  return all.length === 0 ? undefined : all.join(' union all ')
}

/** Unknown in every slot that has a rule. */
function unknownForAll(slots: readonly { slot: number }[]): string {
  const last = Math.max(0, ...slots.map(({ slot }) => slot))
  const characters = Array.from({ length: last }, () => '.')
  for (const { slot } of slots) characters[slot - 1] = 'u'
  return characters.join('')
}

/** Printed as literals, as the compiled pass beside it is: one statement has one way of saying them. */
function literalScope({ accountIds }: Scope): string {
  if (accountIds === undefined) return ''
  const list = accountIds.map(quote).join(', ')
  return ` and c.account_id in (${list}) and s.account_id in (${list})`
}

function inRegion({ region }: Scope): string {
  return region === undefined ? '' : ` and c.part = ${quote(region)}`
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
