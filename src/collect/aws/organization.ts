import type { JsonObject } from '../../core/json.ts'
import type { FailedAnswer } from '../kernel/transport.ts'
import { ask, askForAll, type Caller } from './ask.ts'

/** A node of the account tree as AWS tells it. Ids: `o-…`, `r-…`, `ou-…`, twelve digits. */
export interface OrganizationNode {
  id: string
  name: string
  kind: 'organization' | 'root' | 'unit' | 'account'
  parent_id: string | undefined
  /** Of accounts. `closed` is the provider's own word: for good. */
  state: 'active' | 'closed'
}

export type Organization =
  | {
      id: string
      management_account_id: string
      nodes: OrganizationNode[]
      /** Set where the tree between organization and accounts may not be read: accounts then hang on the top. */
      tree_failed?: FailedAnswer
    }
  | { failed: FailedAnswer; operation: string }

/**
 * The organization that a connection's credentials see: its accounts, and where they may be read its units.
 * Asked of the management account or a delegated administrator.
 */
export async function organizationOf(caller: Caller): Promise<Organization> {
  const described = await ask(caller, 'organizations', 'DescribeOrganization')
  const operation = 'DescribeOrganization'
  if (!described.ok) return { failed: described, operation }
  const { Id, MasterAccountId } = (described.body.Organization ?? {}) as JsonObject
  if (typeof Id !== 'string') return { failed: nameless(operation), operation }
  const id = Id
  const listed = await askForAll(caller, 'organizations', 'ListAccounts', 'Accounts')
  if ('failed' in listed) return { ...listed, operation: 'ListAccounts' }
  // There always is one, and one that has no id is nobody's: then none of the others are known to be all.
  if (listed.rows.length === 0 || !listed.rows.every(hasId))
    return { failed: nameless('ListAccounts'), operation: 'ListAccounts' }
  const top: OrganizationNode = { id, name: id, kind: 'organization', parent_id: undefined, state: 'active' }
  const tree = await treeOf(caller, id)
  const parents = 'failed' in tree ? new Map<string, string>() : tree.parents
  const accounts = listed.rows.map((row): OrganizationNode => {
    const account = String(row.Id)
    return {
      id: account,
      name: typeof row.Name === 'string' ? row.Name : account,
      kind: 'account',
      parent_id: parentInPath(row.Paths, account) ?? parents.get(account) ?? id,
      state: stateOf(row),
    }
  })
  const units = 'failed' in tree ? [] : tree.units
  return {
    id,
    management_account_id: String(MasterAccountId),
    nodes: [top, ...units, ...withKnownParents(accounts, units, id)],
    ...('failed' in tree ? { tree_failed: tree.failed } : {}),
  }
}

/** AWS restricts who is SUSPENDED, and takes nothing away: what can still be read of it, reading tells. */
function stateOf({ State }: JsonObject): OrganizationNode['state'] {
  return State === 'CLOSED' ? 'closed' : 'active'
}

/** `o-1/r-1/ou-1/111122223333/` */
function parentInPath(paths: unknown, account: string): string | undefined {
  const path = Array.isArray(paths) ? paths.find((one): one is string => typeof one === 'string') : undefined
  const parts = path?.split('/').filter((part) => part !== '') ?? []
  const at = parts.indexOf(account)
  return at > 0 ? parts[at - 1] : undefined
}

function withKnownParents(accounts: OrganizationNode[], units: OrganizationNode[], top: string) {
  const known = new Set(units.map(({ id }) => id))
  return accounts.map((one) => (known.has(one.parent_id ?? '') ? one : { ...one, parent_id: top }))
}

type Tree = { units: OrganizationNode[]; parents: Map<string, string> } | { failed: FailedAnswer }

async function treeOf(caller: Caller, organization: string): Promise<Tree> {
  const roots = await askForAll(caller, 'organizations', 'ListRoots', 'Roots')
  if ('failed' in roots) return roots
  if (!roots.rows.every(hasId)) return { failed: nameless('ListRoots') }
  const units = roots.rows.map((row) => node(row, 'root', organization))
  const parents = new Map<string, string>()
  // The list grows while it is walked: units below units.
  for (const { id } of units) {
    const below = await askForAll(
      caller,
      'organizations',
      'ListOrganizationalUnitsForParent',
      'OrganizationalUnits',
      {
        ParentId: id,
      },
    )
    if ('failed' in below) return below
    if (!below.rows.every(hasId)) return { failed: nameless('ListOrganizationalUnitsForParent') }
    units.push(...below.rows.map((row) => node(row, 'unit', id)))
    const accounts = await askForAll(caller, 'organizations', 'ListAccountsForParent', 'Accounts', {
      ParentId: id,
    })
    if ('failed' in accounts) return accounts
    for (const row of accounts.rows) parents.set(String(row.Id), id)
  }
  return { units, parents }
}

function hasId({ Id }: JsonObject): boolean {
  return typeof Id === 'string'
}

function nameless(operation: string): FailedAnswer {
  const message = `The answer to ${operation} does not name all that it speaks of.`
  return { ok: false, kind: 'answer', code: 'FIELD_MISSING', message }
}

function node(row: JsonObject, kind: 'root' | 'unit', parent: string): OrganizationNode {
  const id = String(row.Id)
  return { id, name: typeof row.Name === 'string' ? row.Name : id, kind, parent_id: parent, state: 'active' }
}
