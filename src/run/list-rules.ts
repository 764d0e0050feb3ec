import { StanceError } from '../core/errors.ts'
import { type Severity, severityOf } from '../core/severity.ts'
import type { Rule } from '../evaluate/rule.ts'
import type { ReadyRule } from '../evaluate/rule-set.ts'
import { loadDeclared } from './open-stance.ts'
import { openReading, type StoreSettings } from './open-store.ts'
import type { RunSettings } from './run-settings.ts'

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
  file: string
  pass_condition: string
  applies: string | null
  only_on: string | null
  never_on: string | null
  params: { name: string; title: string; value: unknown; default: unknown }[]
  why: string
  fix: Rule['fix']
  references: readonly string[]
  severity_of: Rule['severity']
  /** What its verdict hangs on: columns by table. */
  reads: { table_name: string; columns: readonly string[] }[]
  deprecated_because: string | null
}

/** Every rule with this installation's settings, and how many findings it has where something was scanned. */
export async function listRules(settings: RunSettings['rules'], store: StoreSettings): Promise<RuleItem[]> {
  const { set } = await loadDeclared(settings)
  const counts = await countByRule(store)
  return [...set.rules.values()].map((ready) => toItem(ready, counts))
}

export async function showRule(
  settings: RunSettings['rules'],
  store: StoreSettings,
  id: string,
  nearest: (ids: readonly string[]) => string | undefined,
): Promise<RuleShown> {
  const { set } = await loadDeclared(settings)
  const ready = set.rules.get(id)
  if (ready === undefined) {
    const near = nearest([...set.rules.keys()])
    throw new StanceError('RULE_NOT_FOUND', `There is no rule "${id}".`, {
      next:
        near === undefined
          ? 'See `stance rules list` for the ids.'
          : `Did you mean ${near}? \`stance rules list\` has all.`,
    })
  }
  const { rule, pass, applies, only, never, params } = ready
  return {
    ...toItem(ready, await countByRule(store)),
    file: rule.origin.file,
    pass_condition: pass.text,
    applies: applies?.text ?? null,
    only_on: only?.text ?? null,
    never_on: never?.text ?? null,
    params: Object.entries(rule.params).map(([name, param]) => {
      return { name, title: param.title, value: params[name], default: param.default }
    }),
    why: rule.why,
    fix: rule.fix,
    references: rule.references,
    severity_of: rule.severity,
    reads: columnsByTable(ready),
    deprecated_because: rule.deprecated?.because ?? null,
  }
}

function columnsByTable(ready: ReadyRule): RuleShown['reads'] {
  const tables = new Map<string, Set<string>>()
  for (const { table, columns } of ready.pass.dependencies.reads)
    tables.set(table, new Set([...(tables.get(table) ?? []), ...columns]))
  return [...tables].map(([table_name, columns]) => ({ table_name, columns: [...columns].sort() }))
}

type Counts = Map<string, { pass: number; fail: number; unknown: number }>

function toItem({ rule, enabled }: ReadyRule, counts: Counts | undefined): RuleItem {
  const { attack_vector, impact } = rule.severity
  const none = counts === undefined ? null : 0
  return {
    rule_id: rule.id,
    title: rule.title,
    table_name: rule.resource,
    provider: rule.provider,
    service: rule.service,
    severity_private: severityOf(attack_vector, impact, false),
    severity_public: severityOf(attack_vector, impact, true),
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
