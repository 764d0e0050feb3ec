import type { Caller as Asking } from '../collect/aws/ask.ts'
import { type Identity, identify } from '../collect/aws/identify.ts'
import { organizationOf } from '../collect/aws/organization.ts'
import { regionsOf } from '../collect/aws/regions.ts'
import type { PlannableAccount, PlannableRegion } from '../collect/kernel/plan-cells.ts'
import type { Asker } from '../collect/kernel/planned-cell.ts'
import type { Transport } from '../collect/kernel/transport.ts'
import { StanceError } from '../core/errors.ts'
import type { Account, KnownAccount } from '../lake/accounts.ts'
import { isThere } from './accounts-left.ts'
import { explainCredentials } from './explain-credentials.ts'
import { NotSignedIn, notAsked, tellNotEntered } from './not-entered.ts'
import { organizationUnread } from './organization-unread.ts'
import { regionsUnread } from './regions-unread.ts'
import type { ConnectionSettings } from './run-settings.ts'
import { isOn, throughOne } from './ways-in.ts'

/** The accounts that the connections can read, as the planner and the account tree want them. */
export interface Discovered {
  plannable: PlannableAccount[]
  tree: Account[]
  /** Connections that could not say who they are: nothing of them can be read. */
  failed: { connection: string; error: StanceError }[]
  /** Accounts that are there, too, and were not asked for. */
  others: string[]
  /** Accounts that are known, and that no connection reads now: what was read of them stands until it is too old. */
  left: string[]
  /** Known only because somebody named them once: nothing was ever read of them, and no connection names them now. */
  never_read: string[]
}

export interface DiscoverOptions {
  connections: readonly ConnectionSettings[]
  transport: Transport
  signal: AbortSignal
  /** The tree as it was: what is known and cannot be asked for now is unread, and not forgotten. */
  known: readonly KnownAccount[]
  /** Regions of an account that were read before: those to ask again where no list of them can be had. */
  regionsBefore: (accountId: string) => readonly string[]
  /** Accounts of which anything was ever read. */
  wasRead: ReadonlySet<string>
  /** Accounts to keep; all where left out. */
  only?: readonly string[]
}

/** Asks each connection who it is, which accounts it reads and which regions those have. */
export async function discoverAccounts(options: DiscoverOptions): Promise<Discovered> {
  const found: Discovered = { plannable: [], tree: [], failed: [], others: [], left: [], never_read: [] }
  const nameless: { connection: ConnectionSettings; error: StanceError }[] = []
  for (const connection of options.connections) {
    try {
      await discoverConnection(connection, options, found)
    } catch (thrown) {
      const problem = thrown instanceof NotSignedIn ? thrown.problem : thrown
      if (!(problem instanceof StanceError)) throw problem
      const error = await explainCredentials(problem, connection)
      found.failed.push({ connection: connection.name, error })
      nameless.push({ connection, error })
    }
  }
  // Where no connection works at all nothing is learnt; else accounts behind one that does not are unread.
  if (found.plannable.length > 0) {
    for (const { connection, error } of nameless) planUnentered(connection, error, options, found)
    planOff(options, found)
  }
  const gone = options.only === undefined ? options.known.filter(isLeft(found)) : []
  const left = gone.filter(({ account_id }) => options.wasRead.has(account_id))
  // Where nothing is read at all that is no word about the others.
  if (found.plannable.length > 0) for (const account of left) found.plannable.push(toLeft(account, options))
  const plannable = throughOne(found.plannable, nameless)
  return {
    ...found,
    plannable,
    tree: eachOnce([...found.tree.filter(isThrough(plannable)), ...found.tree]),
    left: left.map(({ account_id }) => account_id),
    // Nor is that a word about these.
    never_read:
      found.plannable.length === 0
        ? []
        : gone.filter((one) => !left.includes(one)).map(({ account_id }) => account_id),
  }
}

/** The tree says of an account what the connection says through which it is read. */
function isThrough(plannable: readonly PlannableAccount[]): (account: Account) => boolean {
  const ways = new Map(plannable.map(({ account_id, connection }) => [account_id, connection]))
  return ({ account_id, connection }) => ways.get(account_id) === connection
}

function isLeft({ plannable }: Discovered): (account: KnownAccount) => boolean {
  const read = new Set(plannable.map(({ account_id }) => account_id))
  return (account) => isThere(account) && !read.has(account.account_id)
}

interface Member {
  account_id: string
  name: string
  parent_id: string
  state: PlannableAccount['state']
}

async function discoverConnection(
  connection: ConnectionSettings,
  options: DiscoverOptions,
  found: Discovered,
): Promise<void> {
  const { transport, signal } = options
  const asking: Asking = { transport, connection: connection.name, signal }
  const own = connection.accounts === 'automatic' ? await identify(asking) : undefined
  let members: Member[] = listed(connection.accounts, own)
  let signedIn = own !== undefined || connection.organization
  let organization_unread: PlannableAccount['organization_unread']
  const known = options.known.filter((account) => account.connection === connection.name)
  if (connection.organization) {
    const self = own ?? (await identify(asking))
    const through = await withOrganization(connection, asking, self, members, found, known)
    members = through.members
    organization_unread = through.unread
  }
  for (const member of members) {
    if (options.only !== undefined && !options.only.includes(member.account_id)) {
      found.others.push(member.account_id)
      continue
    }
    const off = connection.off_accounts.includes(member.account_id)
    const account = await discoverAccount(connection, asking, off ? { ...member, state: 'off' } : member, {
      own,
      signedIn,
      before: options.regionsBefore(member.account_id),
    })
    signedIn ||= !off && account.not_entered === undefined
    // Once: it is one organization, whose name nobody could tell.
    found.plannable.push(organization_unread === undefined ? account : { ...account, organization_unread })
    organization_unread = undefined
    found.tree.push(toTree(account, member))
  }
}

function listed(accounts: ConnectionSettings['accounts'], own: Identity | undefined): Member[] {
  const ids = accounts === 'automatic' ? (own === undefined ? [] : [own.account_id]) : accounts
  return ids.map((account_id) => ({ account_id, name: account_id, parent_id: '', state: 'active' }))
}

/** The organization's own account, for its tables, and its members, where the setting takes them all. */
async function withOrganization(
  connection: ConnectionSettings,
  asking: Asking,
  self: Identity,
  members: Member[],
  found: Discovered,
  known: readonly KnownAccount[],
): Promise<{ members: Member[]; unread?: PlannableAccount['organization_unread'] }> {
  const organization = await organizationOf(asking)
  const askers: Asker[] = [{ connection: connection.name, account_id: self.account_id }]
  const own = { provider: 'aws', kind: 'organization' as const, partition: self.partition, askers }
  const plannable = { ...own, connection: connection.name, state: 'active' as const, regions: [] }
  if ('failed' in organization) {
    const unread = organizationUnread(organization.failed, organization.operation, asking.transport)
    const { message, next } = unread.failure
    found.failed.push({
      connection: connection.name,
      error: new StanceError('COLLECT_ORGANIZATION', message, { next }),
    })
    // What it had is still asked for: its own tables say that they are denied, and its accounts may be read.
    for (const { account_id, kind } of known)
      if (kind === 'organization') found.plannable.push({ ...plannable, account_id, row: { Id: account_id } })
    const isNamed = known.some(({ kind }) => kind === 'organization')
    return {
      members: connection.accounts === 'automatic' ? withKnown(members, known) : members,
      ...(isNamed ? {} : { unread }),
    }
  }
  const { id } = organization
  const base = { provider: 'aws', cloud_partition: self.partition, connection: connection.name, tags: {} }
  found.plannable.push({ ...plannable, account_id: id, row: { Id: id } })
  for (const node of organization.nodes) {
    if (node.kind === 'account') continue
    const kind = node.kind === 'unit' ? 'folder' : node.kind
    found.tree.push({
      ...base,
      account_id: node.id,
      kind,
      name: node.name,
      parent_id: node.parent_id ?? '',
      aliases: [],
    })
  }
  const nodes = new Map(
    organization.nodes.filter((node) => node.kind === 'account').map((node) => [node.id, node]),
  )
  const gone = known.filter(({ account_id, kind }) => kind === 'account' && !nodes.has(account_id))
  const wanted =
    connection.accounts === 'automatic'
      ? [...nodes.keys(), ...gone.map(({ account_id }) => account_id)]
      : members.map((one) => one.account_id)
  const listedMembers = wanted.map((account_id): Member => {
    const node = nodes.get(account_id)
    if (node === undefined) {
      const before = gone.find((account) => account.account_id === account_id)
      const { name = account_id, parent_id = '' } = before ?? {}
      return { account_id, name, parent_id, state: 'unlisted' }
    }
    return { account_id, name: node.name, parent_id: node.parent_id ?? id, state: node.state }
  })
  return { members: listedMembers }
}

/** The organization cannot be listed: its accounts are those that it had. */
function withKnown(members: Member[], known: readonly KnownAccount[]): Member[] {
  const others = known.filter(
    ({ account_id, kind }) =>
      kind === 'account' && !members.some((member) => member.account_id === account_id),
  )
  const own = members.map((member) => {
    const before = known.find(({ account_id }) => account_id === member.account_id)
    return before === undefined ? member : { ...member, name: before.name, parent_id: before.parent_id }
  })
  return [...own, ...others]
}

/** A connection that could not say who it is: what it reads can not be asked for now. */
function planUnentered(
  connection: ConnectionSettings,
  error: StanceError,
  { known, only, regionsBefore }: DiscoverOptions,
  found: Discovered,
): void {
  const { name, accounts, off_accounts } = connection
  const read = known.filter((one) => one.kind === 'account' && one.connection === name)
  const ids = accounts === 'automatic' ? read.map(({ account_id }) => account_id) : accounts
  for (const account_id of ids) {
    const before = known.find((account) => account.account_id === account_id)
    const { state = 'active', cloud_partition = 'aws' } = before ?? {}
    if (state === 'off' || state === 'closed') continue
    // Off in another connection, it is this one's still: its findings must not close because it cannot sign in.
    if (found.plannable.some((one) => one.account_id === account_id && isOn(one))) continue
    if (only !== undefined && !only.includes(account_id)) continue
    if (off_accounts.includes(account_id)) continue
    const account: PlannableAccount = {
      ...{ account_id, provider: 'aws', kind: 'account', connection: name, state },
      regions: unasked(regionsBefore(account_id)),
      partition: cloud_partition,
      row: { Id: account_id, Name: before?.name ?? account_id },
      ...notAsked(error, connection),
    }
    found.plannable.push(account)
    if (before === undefined)
      found.tree.push(toTree(account, { account_id, name: account_id, parent_id: '', state }))
  }
}

/** In the list of no connection any more: what is known of it grows old, and is unread then. */
function toLeft(account: KnownAccount, { regionsBefore }: DiscoverOptions): PlannableAccount {
  const { account_id, name, connection, state, cloud_partition } = account
  return {
    ...{ account_id, provider: 'aws', kind: 'account', connection, state },
    regions: unasked(regionsBefore(account_id)),
    partition: cloud_partition,
    row: { Id: account_id, Name: name },
    not_entered: {
      code: 'ACCOUNT_LEFT',
      message: 'No connection reads this account any more.',
      next: 'Name it in `accounts` of a connection, or in `off_accounts`: then its findings close.',
    },
    no_answer: true,
  }
}

/** Switched off, and in the list of no connection any more: what is known of it leaves all the same. */
function planOff({ connections, known, only }: DiscoverOptions, found: Discovered): void {
  for (const { name, off_accounts } of connections)
    for (const account_id of off_accounts) {
      const before = known.find((one) => one.account_id === account_id && one.kind === 'account')
      if (before === undefined || found.plannable.some((one) => one.account_id === account_id)) continue
      if (only !== undefined && !only.includes(account_id)) continue
      const partition = before.cloud_partition
      const shared = { account_id, provider: 'aws', kind: 'account', partition, regions: [] } as const
      found.plannable.push({ ...shared, connection: name, state: 'off' })
    }
}

async function discoverAccount(
  connection: ConnectionSettings,
  asking: Asking,
  member: Member,
  { own, signedIn, before }: { own: Identity | undefined; signedIn: boolean; before: readonly string[] },
): Promise<PlannableAccount> {
  const { account_id, state } = member
  const shared = { account_id, provider: 'aws', kind: 'account' as const, connection: connection.name, state }
  const partition = own?.partition ?? 'aws'
  if (state === 'off' || state === 'closed') return { ...shared, partition, regions: [] }
  const caller = { ...asking, account_id }
  const { transport } = asking
  let identity = own
  if (own?.account_id !== account_id) {
    try {
      identity = await identify(caller)
      if (identity.account_id !== account_id) throw wrongAccount(connection.name, account_id, identity)
    } catch (error) {
      if (!(error instanceof StanceError)) throw error
      const row = { Id: account_id, Name: member.name }
      const why = await tellNotEntered(error, connection, asking, signedIn)
      return { ...shared, partition, row, regions: unasked(before), ...why }
    }
  }
  const here = identity?.partition ?? partition
  const { regions: listed, failed } = await regionsOf({ ...caller, partition: here })
  const regions = failed === undefined || before.length === 0 ? listed.map(toPlannable) : unasked(before)
  const row = { Id: account_id, Name: member.name }
  const known = { ...shared, partition: here, row, regions }
  if (failed === undefined) return known
  const { isRefused, failure } = regionsUnread(failed, transport)
  return { ...known, regions_no_answer: !isRefused, regions_unread: failure }
}

/** Those that were read before, of which nothing is known now: what is kept of them must be able to grow old. */
function unasked(names: readonly string[]): PlannableRegion[] {
  return names.map((name) => toPlannable({ name, status: 'unknown' }))
}

function toPlannable({ name, status }: Pick<PlannableRegion, 'name' | 'status'>): PlannableRegion {
  const OptInStatus = status === 'opted out' ? 'not-opted-in' : 'opted-in'
  return { name, status, row: { RegionName: name, OptInStatus } }
}

function wrongAccount(connection: string, wanted: string, got: Identity): StanceError {
  return new StanceError(
    'COLLECT_WRONG_ACCOUNT',
    `The connection "${connection}" was to read account ${wanted}, but its credentials belong to ${got.account_id}.`,
    { next: 'Give the connection a `role_arn` with {account} in it, or one connection for each account.' },
  )
}

function toTree(account: PlannableAccount, member: Member): Account {
  return {
    account_id: account.account_id,
    provider: account.provider,
    kind: 'account',
    name: member.name,
    parent_id: member.parent_id,
    cloud_partition: account.partition,
    connection: account.connection,
    aliases: [],
    tags: {},
  }
}

function eachOnce<T extends { account_id: string }>(all: readonly T[]): T[] {
  const first = new Map<string, T>()
  for (const one of all) if (!first.has(one.account_id)) first.set(one.account_id, one)
  return [...first.values()]
}
