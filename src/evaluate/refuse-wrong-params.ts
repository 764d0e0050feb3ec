import { StanceError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import {
  type ParamShape,
  type ParamValue,
  type ParamValues,
  paramValues,
  shapeOfValue,
} from './language/params.ts'
import type { Rule } from './rule.ts'

type Param = Rule['params'][string]

/**
 * What an installation sets of a rule must be a parameter of it, of the right kind, and make sense: a key that is to be
 * replaced after -5 days would be a rule that says the same of everything. `place`: where `rules.…` was written.
 */
export function refuseWrongParams(
  declared: Rule['params'],
  set: ParamValues,
  id: string,
  place: ((path: readonly string[]) => string) | undefined,
): void {
  for (const [name, value] of Object.entries(set)) {
    const where = place?.(['params', id, name]) ?? 'stance.yaml'
    const details = { setting: `params.${id}.${name}` }
    const param = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (param === undefined) {
      const near = nearest(name, Object.keys(declared))
      throw new StanceError('RULE_PARAM_UNKNOWN', `${where}: the rule ${id} has no parameter ${name}.`, {
        next: `${near === undefined ? '' : `Did you mean ${near}? `}It has: ${Object.keys(declared).join(', ') || 'none'}. Mend \`rules.params\` in stance.yaml.`,
        details,
      })
    }
    if (fits(name, param, value)) continue
    throw new StanceError(
      'RULE_PARAM_VALUE',
      `${where}: rules.params.${id}.${name} must be ${expected(param)}.`,
      {
        next: `Write it like \`${name}: ${JSON.stringify(param.default)}\`, or leave it out: then it is that. \`stance rules show ${id}\` says what it means.`,
        details,
      },
    )
  }
}

function fits(name: string, param: Param, value: ParamValue): boolean {
  try {
    paramValues(name, shapeOfValue(name, param.default), { [name]: value })
  } catch (error) {
    if (error instanceof StanceError) return false
    throw error
  }
  const { min, max } = param
  return typeof value !== 'number' || (value >= (min ?? value) && value <= (max ?? value))
}

const kinds: Record<ParamShape['type'], readonly [one: string, list: string]> = {
  text: ['text', 'a list of texts'],
  boolean: ['true or false', 'a list of true and false'],
  bigint: ['a whole number', 'a list of whole numbers'],
  double: ['a number', 'a list of numbers'],
}

function expected({ default: value, min, max }: Param): string {
  const { type, list } = shapeOfValue('', value)
  const kind = kinds[type][list === true ? 1 : 0]
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`
  if (min !== undefined) return `${kind}, at least ${min}`
  return max === undefined ? kind : `${kind}, at most ${max}`
}
