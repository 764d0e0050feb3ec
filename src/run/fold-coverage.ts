import type { State } from '../core/state.ts'
import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'
import { type RuleRead, readsOfRule } from '../evaluate/rule-reads.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { addWithin, withinRegions } from '../lake/coverage.ts'
import { countWithin, type Scope } from './count-within.ts'
import { declaredTables } from './declared-tables.ts'

export interface CoverageWanted {
  accounts?: readonly string[]
  tables?: readonly string[]
  /** Regions, or `global`: what is read there, and resources that are there and listed elsewhere. */
  regions?: readonly string[]
}

/** Everything that is unread for one reason: one line a denied action. */
export interface CoverageFold {
  state: State
  /** The denied permission; '' where no permission would help. */
  action: string
  code: string
  denied_by: string
  message: string
  /** Others say it in other words: the message is one of several. */
  several_messages: boolean
  next: string
  /** Whole cells, and single groups of resources, that are not known. */
  cells: number
  groups: number
  /** The last good read still counts for so many of them. */
  still_in_force: number
  accounts: string[]
  regions: string[]
  tables: string[]
  since: Date
  /**
   * Unknown findings that reading it may settle, also what configuration leaves out; others may stand in the way of some
   * of them, too.
   */
  unknown_findings: number
}

interface Part {
  account_id: string
  table_name: string
  part: string
  group_name: string
  state: State
  code: string
  action: string
  denied_by: string
  message: string
  first_message: string
  next: string
  in_force: boolean
  n: number
  since: Date
}

/**
 * What is not known, by reason, with the verdicts that hang on it; the reason that costs most first. `judged`: only these
 * verdicts are counted.
 */
export async function foldCoverage(
  db: Reader,
  set: RuleSet,
  wanted: CoverageWanted = {},
  judged: Scope = {},
): Promise<CoverageFold[]> {
  const parts = await unreadParts(db, wanted)
  return toFolds(parts, parts.length === 0 ? [] : await unknownFindings(db, judged), readsBy(set))
}

/** What verdicts hang on that nothing explains which is wanted: it lies outside of that. */
export async function foldOutside(
  db: Reader,
  set: RuleSet,
  wanted: CoverageWanted,
  judged: Scope,
): Promise<CoverageFold[]> {
  const reads = readsBy(set)
  const within = new UnreadIndex((await unreadParts(db, wanted)).filter(({ in_force }) => !in_force))
  const left = (await unknownFindings(db, judged)).filter((one) => !within.holds(one, reads(one.rule_id)))
  if (left.length === 0) return []
  return toFolds(await unreadParts(db, {}), left, reads).filter(
    ({ unknown_findings }) => unknown_findings > 0,
  )
}

type ReadsOf = (rule_id: string) => readonly RuleRead[]

function readsBy(set: RuleSet): ReadsOf {
  const reads = new Map([...set.rules].map(([id, ready]) => [id, readsOfRule(set, ready)]))
  return (rule_id) => reads.get(rule_id) ?? []
}

function toFolds(parts: readonly Part[], waiting: readonly Waiting[], reads: ReadsOf): CoverageFold[] {
  const folds = Map.groupBy(parts, ({ state, action, code, denied_by }) =>
    JSON.stringify([state, action, action === '' || denied_by === 'credentials' ? code : '', denied_by]),
  )
  const all = [...folds.values()].map((fold) => {
    const stuck = fold.filter(({ in_force }) => !in_force)
    const unread = new UnreadIndex(stuck)
    const held = waiting.filter((finding) => unread.holds(finding, reads(finding.rule_id)))
    return { ...toFold(fold), unknown_findings: held.reduce((sum, { n }) => sum + n, 0) }
  })
  const isChosen = ({ state }: CoverageFold) => Number(state === 'excluded')
  return all.sort(
    (a, b) =>
      b.unknown_findings - a.unknown_findings ||
      isChosen(a) - isChosen(b) ||
      b.cells + b.groups - a.cells - a.groups,
  )
}

function toFold(parts: readonly Part[]): Omit<CoverageFold, 'unknown_findings'> {
  const [first] = parts
  if (first === undefined) throw new Error('a fold has parts')
  const { state, action, code, denied_by, message, next } = first
  const sum = (some: (part: Part) => boolean) => parts.filter(some).reduce((total, { n }) => total + n, 0)
  const names = (of: (part: Part) => string) => [...new Set(parts.map(of))].sort()
  return {
    state,
    action,
    code,
    denied_by,
    message,
    several_messages: parts.some((part) => part.message !== message || part.first_message !== message),
    next,
    cells: sum(({ group_name }) => group_name === ''),
    groups: sum(({ group_name }) => group_name !== ''),
    still_in_force: sum(({ in_force }) => in_force),
    accounts: names(({ account_id }) => account_id),
    regions: names(({ part }) => part),
    tables: names(({ table_name }) => table_name),
    since: new Date(Math.min(...parts.map(({ since }) => since.getTime()))),
  }
}

async function unreadParts(
  db: Reader,
  { accounts, tables = declaredTables, regions }: CoverageWanted,
): Promise<Part[]> {
  const asked = new Conditions().among({ 'u.account_id': accounts, 'u.table_name': tables })
  addWithin(asked, regions === undefined ? undefined : await withinRegions(db, regions), 'u')
  const columns =
    'u.account_id, u.table_name, u.part, u.group_name, u.state, u.code, u.action, u.denied_by, u.in_force'
  return db.query<Part>(
    `select ${columns}, max(u.message) as message, min(u.message) as first_message, max(u.next) as next, count(*) as n, min(u.since) as since
     from public.coverage u where ${asked.sql} group by ${columns}
     order by ${columns
       .split(', ')
       .map((column) => `${column}${column === 'u.in_force' ? '' : ' collate "C"'} nulls last`)
       .join(', ')}`,
    asked.params,
  )
}

interface Waiting {
  account_id: string
  rule_id: string
  table_name: string
  region: string
  n: number
}

/** Unknown findings, counted by what decides whether a read holds them up. */
function unknownFindings(db: Reader, judged: Scope): Promise<Waiting[]> {
  return countWithin<Waiting>(
    db,
    'select f.account_id, f.rule_id, f.table_name, f.region, count(*) as n from stance.finding f',
    `and f.verdict = 'unknown' group by f.account_id, f.rule_id, f.table_name, f.region`,
    judged,
  )
}

/** What is unread, by what a rule's read is compared with: a fold of a large estate has thousands of cells and more findings. */
class UnreadIndex {
  readonly #tables = new Set<string>()
  readonly #accounts = new Set<string>()
  readonly #parts = new Set<string>()

  constructor(unread: readonly Part[]) {
    for (const { table_name, group_name, account_id, part } of unread) {
      const what = [table_name, group_name].join('\0')
      this.#tables.add(what)
      this.#accounts.add([what, account_id].join('\0'))
      this.#parts.add([what, account_id, part].join('\0'))
    }
  }

  holds({ account_id, region }: Waiting, reads: readonly RuleRead[]): boolean {
    return reads.some(({ table, group, scope }) =>
      // Without its cell no group of it is known.
      ['', group].some((name) => {
        const what = [table, name].join('\0')
        if (scope === 'accounts') return this.#tables.has(what)
        if (scope === 'account' || region === 'global')
          return this.#accounts.has([what, account_id].join('\0'))
        return [region, 'global', '*'].some((part) => this.#parts.has([what, account_id, part].join('\0')))
      }),
    )
  }
}
