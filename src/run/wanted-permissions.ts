import { type IamPolicy, printPolicy } from '../collect/aws/print-policy.ts'
import { demandOf } from '../collect/kernel/demand-of.ts'
import { type NeededPermission, permissionsOf } from '../collect/kernel/permissions-of.ts'
import { columnsRead } from './columns-read.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

export interface WantedPermissions {
  policies: IamPolicy[]
  permissions: NeededPermission[]
}

/** What finding out who is there takes, beside what tables declare. Being told who one is needs no permission. */
function toDiscover(settings: RunSettings): NeededPermission[] {
  const named = (name: string, operation: string) => {
    return { name, alternatives: [], operation, tables: [], groups: ['accounts and regions'] }
  }
  const organization = [
    'DescribeOrganization',
    'ListAccounts',
    'ListRoots',
    'ListOrganizationalUnitsForParent',
    'ListAccountsForParent',
  ]
  return [
    named('ec2:DescribeRegions', 'DescribeRegions'),
    ...(settings.connections.some((connection) => connection.organization)
      ? organization.map((operation) => named(`organizations:${operation}`, operation))
      : []),
  ]
}

/** The least that AWS must allow for what is enabled: what rules read, and the inventory unless it is off. */
export async function wantedPermissions(
  settings: RunSettings,
  options: { rulesOnly: boolean },
): Promise<WantedPermissions> {
  const { registry, set } = await loadDeclared(settings.rules)
  const rulesOnly = options.rulesOnly || settings.collect.inventory === 'off'
  const organization = settings.connections.some((connection) => connection.organization)
  const demand = demandOf(registry, columnsRead(set))
  const groups = [...demand].flatMap(([table, byGroup]) => {
    if (registry.table(table).belongs_to === 'organization' && !organization) return []
    return [...byGroup]
      .filter(([, why]) => why === 'rule' || !rulesOnly)
      .map(([group]) => `${table}.${group}`)
  })
  const needed = permissionsOf(registry, { groups: new Set(groups) })
  const names = new Set(needed.map(({ name }) => name))
  const permissions = [...needed, ...toDiscover(settings).filter(({ name }) => !names.has(name))]
  return { permissions, policies: printPolicy(permissions) }
}
