import type { Json } from '../../core/json.ts'
import type { State } from '../../core/state.ts'
import type { CellId, CollectedResource, Failure } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { RegionStatus } from './classify-answer.ts'
import type { Asker, PlannedCell } from './planned-cell.ts'
import { plannedResource } from './planned-resource.ts'
import type { TableRegistry } from './table-registry.ts'

/** An account of the tree, as far as planning goes. */
export interface PlannableAccount {
  account_id: string
  provider: string
  kind: 'account' | 'organization'
  connection: string
  partition: string
  /** off, closed: nothing is read. unlisted: no longer listed, so its state is not known; read all the same. */
  state: 'active' | 'off' | 'closed' | 'unlisted'
  /** The content of the account's own row (`aws_account`, of an organization `aws_organizations_organization`). */
  row?: Json
  regions: readonly PlannableRegion[]
  /** The regions could not be listed: there may be others than those named. */
  regions_unread?: Failure
  /** They were not refused, nobody answered. */
  regions_no_answer?: boolean
  /** It could not be entered: nothing of it can be read. */
  not_entered?: Failure
  /** It was not refused: nobody answered, or could sign in. What is known of it counts until it is too old. */
  no_answer?: boolean
  /** The organization that it was to be read through could not be named: what belongs to that is unread. */
  organization_unread?: { state: 'denied' | 'error'; failure: Failure }
  /** Of an organization: who may be asked, the first first. */
  askers?: readonly Asker[]
  /** Of an account that several connections read: all of them, that of `connection` first. */
  ways?: readonly Way[]
}

/** A connection that reads an account, or would if it could enter. */
export interface Way {
  connection: string
  not_entered?: Failure
  no_answer?: boolean
  /** It could not say which accounts it reads: this may be one of them. */
  isGuess?: boolean
}

export interface PlannableRegion {
  name: string
  status: RegionStatus
  /** The content of the region's own row (`aws_region`). */
  row?: Json
}

export interface PlanInput {
  registry: TableRegistry
  accounts: readonly PlannableAccount[]
  /** The setting that leaves a scope out, named for coverage: `connections[0].regions`. */
  excluded?: (scope: PlannedScope) => string | undefined
  /** Of several connections that read an account: the one through which a scope is read. The account's own where left out. */
  way?: (scope: PlannedScope) => Way | undefined
  /** This run only: what it does not take stays as it was. */
  narrowed?: (scope: PlannedScope) => boolean
  /** The groups that are due; undefined: the cell is not. All of it where left out. */
  due?: (cell: CellId, table: AnyTable) => readonly string[] | undefined
  /** Cells that the lake has a row of, so that what no longer is read does not stay in force. */
  known?: (cell: CellId) => boolean
  /** Of these: those that configuration left out until now. */
  leftOut?: (cell: CellId) => boolean
  /** The time that the planner's own rows speak of. */
  now: Date
}

export interface PlannedScope {
  account_id: string
  part: string
  table: AnyTable
}

/** A cell whose state is known without reading. */
export interface SettledCell extends CellId {
  state: Extract<State, 'excluded' | 'not_collected' | 'denied' | 'error' | 'absent'>
  failure: Failure
}

export interface Plan {
  read: PlannedCell[]
  settled: SettledCell[]
  /** The scopes' own resources, so that a finding about an unread cell always has one. Written first. */
  rows: { cell: CellId; partition: string; resource: CollectedResource }[]
  /** The run was narrowed within accounts: cells that are not in here stay as they were, whatever befalls the account. */
  isNarrowed?: boolean
}

/** What is read, what is left out and why, before anything is read. */
export function planCells(input: PlanInput): Plan {
  const plan: Plan = { read: [], settled: [], rows: [] }
  for (const account of input.accounts) {
    if (account.state === 'off' || account.state === 'closed') continue
    for (const table of inOrder(input.registry)) {
      if (table.provider !== account.provider) continue
      if ((table.belongs_to === 'organization') !== (account.kind === 'organization')) {
        const unread = account.organization_unread
        if (unread !== undefined && table.belongs_to === 'organization')
          plan.settled.push({ account_id: account.account_id, table: table.name, part: 'global', ...unread })
        continue
      }
      for (const part of partsOf(table, account)) planCell(input, account, table, part, plan)
      if (table.parts === 'region' && account.regions_unread !== undefined)
        planRest(input, account, table, account.regions_unread, plan)
    }
  }
  return plan
}

interface Part {
  name: string
  status: RegionStatus
  row: Json | undefined
}

function partsOf(table: AnyTable, account: PlannableAccount): Part[] {
  if (table.parts === 'region') return account.regions.map(({ name, status, row }) => ({ name, status, row }))
  return [{ name: 'global', status: 'opted in', row: account.row }]
}

function planCell(
  input: PlanInput,
  account: PlannableAccount,
  table: AnyTable,
  part: Part,
  plan: Plan,
): void {
  const { account_id, partition } = account
  const scope = { account_id, part: part.name, table }
  const way = input.way?.(scope) ?? account
  const { connection, not_entered } = way
  const id: CellId = { account_id, table: table.name, part: part.name }
  const isKnown = input.known?.(id) ?? false
  // Where nobody answered, its own row is as old as the rest.
  const isSilent = way.no_answer === true && isKnown
  const isPlannedRow = table.planned !== undefined && part.status !== 'opted out' && !isSilent
  const rows = rowsOf(table, account, part)
  const excluded = input.excluded?.(scope)
  if (isPlannedRow && rows !== undefined && excluded === undefined) {
    for (const row of rows) {
      const resource = plannedResource(table, row, { account_id, part: part.name, partition }, input.now)
      plan.rows.push({ cell: id, partition, resource })
    }
  }
  // That it refused is known of the account, whatever was asked for.
  const isRefused = not_entered !== undefined && way.no_answer !== true && table.planned === 'account'
  const isAskedFor = input.narrowed?.(scope) !== false || isRefused
  // What the setting said that left it out is true no longer.
  const isTakenBack = excluded === undefined && input.leftOut?.(id) === true
  if (!isAskedFor && isKnown && !isTakenBack) return
  if (excluded !== undefined) {
    // A region that the account does not have could not be read without the setting either.
    if (part.status === 'opted out' && !isKnown) return
    plan.settled.push({ ...id, state: 'excluded', failure: leftOut(excluded) })
    return
  }
  if (part.status === 'opted out') {
    if (isKnown) plan.settled.push({ ...id, state: 'absent', failure: optedOut(part.name) })
    return
  }
  if (not_entered !== undefined) {
    // The rest of the account was entered: that this was not has to be known.
    const isPartOnly = account.not_entered === undefined
    if (way.no_answer === true) plan.settled.push({ ...id, state: 'error', failure: not_entered })
    else if (table.planned === 'account') plan.settled.push({ ...id, state: 'denied', failure: not_entered })
    else if (isKnown || isPartOnly) plan.settled.push({ ...id, state: 'not_collected', failure: not_entered })
    return
  }
  if (!isAskedFor) {
    // Nobody ever read it: that must be known, or what was read beside it would pass for all there is.
    plan.settled.push({ ...id, state: 'not_collected', failure: notAskedFor })
    return
  }
  const groups = input.due === undefined ? undefined : input.due(id, table)
  if (input.due !== undefined && groups === undefined) return
  plan.read.push({
    ...id,
    connection,
    partition,
    region_status: part.status,
    ...(groups === undefined ? {} : { groups }),
    ...(rows === undefined ? {} : { rows }),
    ...(account.askers === undefined ? {} : { askers: account.askers }),
  })
}

/**
 * Regions that nobody could name are a part of their own, so that "nowhere in this account" is not claimed. Of a table
 * that this run does not take, what was said before still is; where nothing was, this is.
 */
function planRest(
  input: PlanInput,
  account: PlannableAccount,
  table: AnyTable,
  failure: Failure,
  plan: Plan,
): void {
  const { account_id, regions, regions_no_answer } = account
  const id = { account_id, table: table.name, part: '*' }
  const isKnown = ['*', ...regions.map(({ name }) => name)].some((part) => input.known?.({ ...id, part }))
  if (isKnown && input.narrowed?.({ account_id, part: '*', table }) === false) return
  plan.settled.push({ ...id, state: regions_no_answer === true ? 'error' : 'denied', failure })
}

function rowsOf(table: AnyTable, account: PlannableAccount, part: Part): Json[] | undefined {
  if (table.planned === undefined) return undefined
  if (table.planned !== 'region') return account.row === undefined ? [] : [account.row]
  const regions =
    table.parts === 'region' ? [part] : account.regions.filter(({ status }) => status !== 'opted out')
  return regions.flatMap(({ row }) => (row === undefined ? [] : [row]))
}

/** The planner's own tables first, then what is global, then regions; by name, so that two plans are alike. */
function inOrder(registry: TableRegistry): AnyTable[] {
  const rank = (table: AnyTable) => (table.planned !== undefined ? 0 : table.parts === 'global' ? 1 : 2)
  return [...registry.tables.values()].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

function leftOut(setting: string): Failure {
  return {
    code: 'EXCLUDED',
    message: `the setting ${setting} leaves it out`,
    next: `Take it into ${setting} to have it read.`,
  }
}

const notAskedFor: Failure = {
  code: 'NOT_ASKED_FOR',
  message: 'no scan has read it yet: those there were left it out',
  next: 'Run `stance scan` without narrowing it.',
}

function optedOut(region: string): Failure {
  return {
    code: 'REGION_NOT_OPTED_IN',
    message: `the account has opted out of ${region}; what it left there remains`,
    denied_by: 'region not opted in',
    next: `Opt in to ${region} and delete what is left there, or leave it so.`,
  }
}
