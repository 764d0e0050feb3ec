import { commonText, restsAfter } from './common-text.ts'
import { allOf, holderOf, isLeft, isOfIdentity, names, only, touches, withoutColon } from './held-rights.ts'
import { limits, matchCost, spend } from './limits.ts'
import type { Condition } from './parse-condition.ts'
import { type Pattern, SYMBOL, toCodes, toLowerCase } from './pattern.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

export const writesVersion = ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion']
const writesPolicy = ['iam:CreatePolicy', ...writesVersion]

/**
 * Policies of the account that the holder makes or changes, one for each thing that the conditions name; undefined where they are too
 * many. Both may leave the account or the partition open, and say it by a star that reaches further: of each, what follows where
 * the account's own policies begin is what can meet.
 */
export function policiesItWrites(
  prepared: PreparedPolicy,
  conditions: readonly Condition[],
): string[] | undefined {
  const { budget } = prepared
  const { statements, context } = prepared.policy
  const caller = holderOf(prepared)
  const own = toCodes(`arn:${context.partition}:iam::${context.accountId}:policy/`)
  const namesOf = (pattern: Pattern): Pattern[] =>
    spend(budget, matchCost(pattern.length, own.length)) ? restsAfter(pattern, own).filter(hasNoColon) : []
  const asked = distinct(
    conditions.flatMap(({ values, ignoresCase }) =>
      values.flatMap((value) => {
        const pattern = prepared.fill(value, caller) ?? []
        return namesOf(ignoresCase ? toLowerCase(pattern) : pattern).map((name) => ({ name, ignoresCase }))
      }),
    ),
  )
  const all = only(allOf(prepared, 'policy'))
  const colonless = withoutColon(prepared)
  const found = new Set<string>()
  for (const statement of statements) {
    if (!isOfIdentity(statement) || !touches(statement, 'iam')) continue
    const actions = writesPolicy.filter((action) => names(prepared, statement, action))
    const resources = prepared.resourcesOf(statement, caller)
    if (actions.length === 0 || resources === undefined) continue
    for (const written of (resources.isNegated ? all : resources).patterns.flatMap(namesOf)) {
      for (const { name: wanted, ignoresCase } of asked) {
        if (!spend(budget, matchCost(written.length, wanted.length))) return undefined
        const name = toName(commonText(ignoresCase ? toLowerCase(written) : written, wanted), written, wanted)
        if (name === undefined || found.has(name)) continue
        const both = [only([...own, ...written]), all, colonless, ...(resources.isNegated ? [resources] : [])]
        const target = only([...own, ...(ignoresCase ? written : wanted)])
        if (!actions.some((action) => isLeft(prepared, statement, action, target, both))) continue
        found.add(name)
        if (found.size > limits.candidates) return undefined
      }
    }
  }
  return budget.left <= 0 ? undefined : [...found].map((name) => String.fromCharCode(...own) + name)
}

/** A star that reaches across colons leaves one: no name has any. */
function hasNoColon(pattern: Pattern): boolean {
  return !pattern.includes(58)
}

/** A policy is called something; what a variable stands for is some text. */
function toName(text: Pattern | undefined, written: Pattern, wanted: Pattern): string | undefined {
  if (text === undefined) return undefined
  if (text.length === 0) return written.length > 0 && wanted.length > 0 ? someText : undefined
  return text.map((code) => (code >= SYMBOL ? someText : String.fromCharCode(code))).join('')
}

const someText = 'zq7x'

interface Asked {
  readonly name: Pattern
  readonly ignoresCase: boolean
}

function distinct(all: readonly Asked[]): Asked[] {
  return [...new Map(all.map((one) => [`${one.ignoresCase} ${one.name.join()}`, one])).values()]
}
