import { createHash } from 'node:crypto'
import { StanceError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { severityOf } from '../core/severity.ts'
import type { Catalogue } from '../core/table-shape.ts'
import type { RuleRecord } from '../findings/sync-rules.ts'
import { checkParamValues } from './language/bind-term.ts'
import { type CheckedCondition, type ConditionOptions, checkCondition } from './language/check-condition.ts'
import { type ParamShapes, type ParamValues, shapeOfValue } from './language/params.ts'
import { refuseWrongParams } from './refuse-wrong-params.ts'
import type { Fact, Origin, Rule } from './rule.ts'
import { sortFacts } from './sort-facts.ts'

/** A rule that compiles, with this installation's settings in it. */
export interface ReadyRule {
  rule: Rule
  pass: CheckedCondition
  applies?: CheckedCondition
  /** The installation's scope queries: findings only where TRUE, none where TRUE. */
  only?: CheckedCondition
  never?: CheckedCondition
  params: ParamValues
  enabled: boolean
}

export interface ReadyFact {
  fact: Fact
  when: CheckedCondition
  params: ParamValues
}

/** What an installation sets on any rule (stance.yaml, `rules:`). */
export interface RuleSettings {
  disabled: readonly string[]
  params: Readonly<Record<string, ParamValues>>
  only_on: Readonly<Record<string, string>>
  never_on: Readonly<Record<string, string>>
  /** `stance.yaml:12:5`: where one of these was written, by its path below `rules`. */
  place?: (path: readonly string[]) => string
}

export const noSettings: RuleSettings = { disabled: [], params: {}, only_on: {}, never_on: {} }

export interface RuleSet {
  catalogue: Catalogue
  rules: ReadonlyMap<string, ReadyRule>
  /** In the order in which they are derived: a fact that reads another comes after it. */
  facts: readonly ReadyFact[]
}

/**
 * Checks every rule and fact against the catalogue; the first that does not compile is an error with its place, unless
 * somebody hears of those that are broken: then they are left out.
 */
export function buildRuleSet(
  catalogue: Catalogue,
  rules: readonly Rule[],
  facts: readonly Fact[],
  settings: RuleSettings = noSettings,
  onBroken?: (error: StanceError) => void,
): RuleSet {
  const heard = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      if (onBroken === undefined || !(error instanceof StanceError)) throw error
      onBroken(error)
      return undefined
    }
  }
  heard(() => refuseUnknownRules(rules, settings))
  const ready = new Map<string, ReadyRule>()
  for (const rule of rules) {
    const one = heard(() => readyRule(rule, catalogue, settings))
    if (one !== undefined) ready.set(rule.id, one)
  }
  return { catalogue, rules: ready, facts: sortFacts(facts.map((fact) => readyFact(fact, catalogue))) }
}

function readyRule(rule: Rule, catalogue: Catalogue, settings: RuleSettings): ReadyRule {
  const own = settings.params[rule.id] ?? {}
  const { values, shapes } = paramsOf(rule.params, own, rule.id, settings.place)
  const options = { table: rule.resource, catalogue, params: shapes, across: rule.across === 'accounts' }
  const compile = (text: string) => {
    const condition = checkCondition(text, options)
    const ofFile = Object.fromEntries(Object.entries(rule.params).map(([name, one]) => [name, one.default]))
    checkParamValues(condition, ofFile)
    return condition
  }
  const check = (key: string, text: string) => {
    const condition = located(rule.origin, key, () => compile(text))
    inSettings(settings, ['params', rule.id], () => checkParamValues(condition, values))
    return condition
  }
  const checkSetting = (key: string, text: string) =>
    inSettings(settings, [key, rule.id], () => checkWithValues(text, options, values))
  const [only, never] = [settings.only_on[rule.id], settings.never_on[rule.id]]
  return {
    rule,
    pass: check('pass', rule.pass),
    ...(rule.applies === undefined ? {} : { applies: check('applies', rule.applies) }),
    ...(only === undefined ? {} : { only: checkSetting('only_on', only) }),
    ...(never === undefined ? {} : { never: checkSetting('never_on', never) }),
    params: values,
    enabled: !settings.disabled.includes(rule.id) && rule.deprecated === undefined,
  }
}

function readyFact(fact: Fact, catalogue: Catalogue): ReadyFact {
  const { values, shapes } = paramsOf(fact.params, {}, `${fact.table}.${fact.column}`)
  const options = { table: fact.table, catalogue, params: shapes }
  return {
    fact,
    when: located(fact.origin, 'when', () => checkWithValues(fact.when, options, values)),
    params: values,
  }
}

function checkWithValues(text: string, options: ConditionOptions, values: ParamValues): CheckedCondition {
  const condition = checkCondition(text, options)
  checkParamValues(condition, values)
  return condition
}

function paramsOf(
  declared: Rule['params'],
  set: ParamValues,
  id: string,
  place?: RuleSettings['place'],
): { values: ParamValues; shapes: ParamShapes } {
  refuseWrongParams(declared, set, id, place)
  const values: Record<string, ParamValues[string]> = {}
  const shapes: Record<string, ParamShapes[string]> = {}
  for (const [name, param] of Object.entries(declared)) {
    shapes[name] = shapeOfValue(name, param.default)
    values[name] = set[name] ?? param.default
  }
  return { values, shapes }
}

/** The error of a condition, told by the line of the file that it stands in. */
function located<T>(origin: Origin, key: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    const line = origin.lines[key] ?? 1
    throw new StanceError(error.code, `${origin.file}:${line}: ${key}: ${error.message}`, {
      next: error.next,
      details: { ...error.details, file: origin.file, line },
      cause: error,
    })
  }
}

/** The error of what this installation says of a rule: its place is the settings, whoever wrote the rule. */
function inSettings<T>({ place }: RuleSettings, path: readonly string[], check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    const setting = path.join('.')
    throw new StanceError(
      error.code,
      `${place?.(path) ?? 'stance.yaml'}: rules.${setting}: ${error.message}`,
      {
        next: error.next,
        details: { ...error.details, setting },
        cause: error,
      },
    )
  }
}

function refuseUnknownRules(rules: readonly Rule[], settings: RuleSettings): void {
  const ids = new Set(rules.map((rule) => rule.id))
  const named = [
    ...settings.disabled.map((id, at) => ({ id, path: ['disabled', String(at)] })),
    ...(['params', 'only_on', 'never_on'] as const).flatMap((key) =>
      Object.keys(settings[key]).map((id) => ({ id, path: [key, id] })),
    ),
  ]
  const wrong = named.find(({ id }) => !ids.has(id))
  if (wrong === undefined) return
  const { id: unknown, path } = wrong
  const near = nearest(unknown, ids)
  const where = settings.place?.(path) ?? 'stance.yaml'
  throw new StanceError('RULE_UNKNOWN', `${where} names a rule ${unknown}, which there is not.`, {
    next: `${near === undefined ? '' : `Did you mean ${near}? `}See \`stance rules list\` for the ids; a renamed rule is named by its new one.`,
    details: { setting: unknown },
  })
}

/** Raised where the same rule is judged otherwise than before, so that what a store says is judged anew. */
const judging = 3

/** What findings need to know of the rules; the fingerprint says when one must be judged anew. */
export function toRuleRecords(set: RuleSet): RuleRecord[] {
  return [...set.rules.values()].map(({ rule, pass, applies, only, never, params, enabled }) => ({
    rule_id: rule.id,
    id_seed: rule.id_seed,
    table_name: rule.resource,
    service: rule.service,
    title: rule.title,
    severity_private: severityOf(rule.severity.attack_vector, rule.severity.impact, false),
    severity_public: severityOf(rule.severity.attack_vector, rule.severity.impact, true),
    enabled,
    fingerprint: createHash('sha256')
      .update(
        JSON.stringify([
          judging,
          [pass, applies, only, never].map((one) => one?.text ?? ''),
          params,
          rule.foreign,
          rule.across ?? '',
        ]),
      )
      .digest('hex')
      .slice(0, 16),
  }))
}

/** Every condition that decides a rule's verdict. */
export function conditionsOf({ pass, applies, only, never }: ReadyRule): CheckedCondition[] {
  return [pass, applies, only, never].filter((one) => one !== undefined)
}

/** Tables whose enabled rules, or whose facts, read now(): looked at again whenever one of their cells was read. */
export function tablesOfTime(set: RuleSet): { rules: ReadonlySet<string>; facts: ReadonlySet<string> } {
  const rules = [...set.rules.values()].filter(
    (ready) => ready.enabled && conditionsOf(ready).some((one) => one.dependencies.readsNow),
  )
  const facts = set.facts.filter(({ when }) => when.dependencies.readsNow)
  return {
    rules: new Set(rules.map(({ rule }) => rule.resource)),
    facts: new Set(facts.map(({ fact }) => fact.table)),
  }
}
