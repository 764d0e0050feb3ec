import { StanceError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { type Severity, severityOf } from '../core/severity.ts'
import type { Rule } from '../evaluate/rule.ts'
import { conditionsOf, type ReadyRule, type RuleSet } from '../evaluate/rule-set.ts'
import type { OnBroken } from '../evaluate/unless-broken.ts'
import { catalogueWithFacts, readRule } from './lint-rules.ts'
import { loadDeclared } from './open-stance.ts'
import { openReading, type StoreSettings } from './open-store.ts'
import type { RunSettings } from './run-settings.ts'
import { type ShownFix, shownFix } from './shown-fix.ts'

export interface RuleItem {
  rule_id: string
  title: string
  table_name: string
  provider: string
  service: string
  severity_private: Severity
  severity_public: Severity
  topics: readonly string[]
  nist_800_53: readonly string[]
  enabled: boolean
  deprecated: boolean
  /** Findings; null where nothing has been scanned. */
  fail: number | null
  unknown: number | null
  pass: number | null
}

export interface RuleShown extends RuleItem {
  /** Scans use it: its file lies in a folder of rules. */
  loaded: boolean
  /** It has findings, of whatever verdict. */
  judged: boolean
  file: string
  pass_condition: string
  applies: string | null
  only_on: string | null
  never_on: string | null
  params: {
    name: string
    title: string
    value: unknown
    default: unknown
    /** Of numbers: the least and the most that may be set; null where nothing bounds them. */
    min: number | null
    max: number | null
  }[]
  why: string
  fix: ShownFix
  references: readonly string[]
  severity_of: Rule['severity']
  /** What its verdict hangs on: columns by table. */
  reads: { table_name: string; columns: readonly string[] }[]
  deprecated_because: string | null
}

/**
 * Every rule with this installation's settings, and how many findings it has where something was scanned. Those that
 * cannot be used are told to `onBroken`.
 */
export async function listRules(
  settings: RunSettings['rules'],
  store: StoreSettings,
  onBroken: OnBroken,
): Promise<RuleItem[]> {
  const { set } = await loadDeclared(settings, onBroken)
  const counts = await countByRule(store)
  return [...set.rules.values()].map((ready) => toItem(ready, counts, set))
}

/** One rule, by its id; `path` is a file that may be one of no folder of rules. */
export async function showRule(
  settings: RunSettings['rules'],
  store: StoreSettings,
  { id, path }: { id: string; path: string | undefined },
): Promise<RuleShown> {
  const broken: StanceError[] = []
  const { set } = await loadDeclared(settings, (error) => broken.push(error))
  const read = path === undefined ? undefined : await readRule(path, await catalogueWithFacts())
  const ready = set.rules.get(read?.rule.id ?? id) ?? read
  if (ready === undefined) throw missing(id, set, broken)
  const { rule, pass, applies, only, never, params } = ready
  const counts = await countByRule(store)
  const { enabled, ...item } = toItem(ready, counts, set)
  return {
    ...item,
    enabled: enabled && set.rules.has(ready.rule.id),
    loaded: set.rules.has(ready.rule.id),
    judged: counts?.has(ready.rule.id) ?? false,
    file: rule.origin.file,
    pass_condition: pass.text,
    applies: applies?.text ?? null,
    only_on: only?.text ?? null,
    never_on: never?.text ?? null,
    params: Object.entries(rule.params).map(([name, param]) => {
      const { title, default: usual, min = null, max = null } = param
      return { name, title, value: params[name], default: usual, min, max }
    }),
    why: rule.why,
    fix: shownFix(rule.fix),
    references: rule.references,
    severity_of: rule.severity,
    reads: columnsByTable(ready),
    deprecated_because: rule.deprecated?.because ?? null,
  }
}

function missing(id: string, set: RuleSet, broken: readonly StanceError[]): StanceError {
  const own = broken.find(
    ({ details }) =>
      String(details.file ?? '')
        .replace(/^[^/]*\/|\.ya?ml$/g, '')
        .replaceAll('/', '-') === id,
  )
  if (own !== undefined) return own
  const near = nearest(id, set.rules.keys())
  const folders =
    'A rule of your own is known once its folder stands in `rules.directories`; `stance rules show <file>` shows one that is not.'
  return new StanceError('RULE_NOT_FOUND', `There is no rule "${id}".`, {
    next:
      near === undefined
        ? `\`stance rules list\` has the ids. ${folders}`
        : `Did you mean ${near}? \`stance rules list\` has all.`,
  })
}

function columnsByTable(ready: ReadyRule): RuleShown['reads'] {
  const tables = new Map<string, Set<string>>()
  for (const { dependencies } of conditionsOf(ready))
    for (const { table, columns } of dependencies.reads)
      tables.set(table, new Set([...(tables.get(table) ?? []), ...columns]))
  return [...tables].map(([table_name, columns]) => ({ table_name, columns: [...columns].sort() }))
}

type Counts = Map<string, { pass: number; fail: number; unknown: number }>

function toItem({ rule, enabled }: ReadyRule, counts: Counts | undefined, { catalogue }: RuleSet): RuleItem {
  const { attack_vector, impact } = rule.severity
  const none = counts === undefined ? null : 0
  // Of what cannot be public nobody has to ask how bad that would be.
  const canBePublic = catalogue.get(rule.resource)?.columns.some(({ name }) => name === 'is_public') === true
  return {
    rule_id: rule.id,
    title: rule.title,
    table_name: rule.resource,
    provider: rule.provider,
    service: rule.service,
    severity_private: severityOf(attack_vector, impact, false),
    severity_public: severityOf(attack_vector, impact, canBePublic),
    topics: rule.topics,
    nist_800_53: rule.nist_800_53,
    enabled,
    deprecated: rule.deprecated !== undefined,
    ...{ fail: none, unknown: none, pass: none },
    ...counts?.get(rule.id),
  }
}

/** Undefined where nothing has been scanned: rules can be listed all the same. */
async function countByRule(store: StoreSettings): Promise<Counts | undefined> {
  let db: Awaited<ReturnType<typeof openReading>>
  try {
    db = await openReading(store)
  } catch (error) {
    if (error instanceof StanceError && error.code === 'STORE_EMPTY') return undefined
    throw error
  }
  try {
    const rows = await db.query<{ rule_id: string; verdict: 'pass' | 'fail' | 'unknown'; n: number }>(
      'select rule_id, verdict, count(*) as n from stance.finding group by rule_id, verdict',
    )
    const counts: Counts = new Map()
    for (const { rule_id, verdict, n } of rows) {
      const one = counts.get(rule_id) ?? { pass: 0, fail: 0, unknown: 0 }
      counts.set(rule_id, { ...one, [verdict]: n })
    }
    return counts
  } finally {
    await db.close()
  }
}
