import type { AccountSeeder } from './account-seeder.ts'
import { accounts } from './estate.ts'

/**
 * The organization, with units and members. The emulator draws ids of its own: what is returned says what the
 * estate calls each.
 */
export async function makeOrganization(seeder: AccountSeeder): Promise<Map<string, string>> {
  const { organizations } = seeder
  const { Organization } = await organizations.createOrganization({ FeatureSet: 'ALL' })
  const names = new Map([[Organization?.Id ?? '', 'o-larkspur01']])
  const { Roots } = await organizations.listRoots({})
  const root = Roots?.[0]?.Id ?? ''
  names.set(root, 'r-lark')
  const unit = async (Name: string, id: string) => {
    const made = await organizations.createOrganizationalUnit({ ParentId: root, Name })
    const drawn = made.OrganizationalUnit?.Id ?? ''
    names.set(drawn, `ou-lark-${id}`)
    return drawn
  }
  const workloads = await unit('Workloads', 'workload')
  const closed = await unit('Closed', 'closed00')
  const member = async (AccountName: string, id: string, to: string, joined: string) => {
    const Email = `aws+${AccountName}@larkspur.example`
    const made = await organizations.createAccount({ AccountName, Email })
    const drawn = made.CreateAccountStatus?.AccountId ?? ''
    names.set(drawn, id)
    seeder.born(drawn, joined)
    await organizations.moveAccount({ AccountId: drawn, SourceParentId: root, DestinationParentId: to })
    return drawn
  }
  seeder.born(accounts.security, '2024-11-04')
  await member('larkspur-production', accounts.production, workloads, '2024-11-11')
  await member('larkspur-development', accounts.development, workloads, '2025-02-03')
  await member('thistle-crafts', accounts.acquired, workloads, '2026-10-01')
  const popup = await member('larkspur-popup-store', accounts.popup, closed, '2025-05-05')
  await organizations.closeAccount({ AccountId: popup })
  return names
}
