import { type AddressRange, parseAddressRange } from './address-range.ts'
import { Glob } from './pattern.ts'

export type ConditionFamily =
  | 'string'
  | 'numeric'
  | 'date'
  | 'bool'
  | 'binary'
  | 'address'
  | 'arn'
  | 'null'
  | 'unknown'

/**
 * One key of one operator: they are joined by AND, the values of one by OR.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export interface Condition {
  /** As written. */
  readonly operator: string
  readonly family: ConditionFamily
  /** What is left of the operator's name: `equals`, `like`, `lessthan`, … */
  readonly comparison: string
  readonly isNegated: boolean
  readonly ignoresCase: boolean
  readonly quantifier: '' | 'all' | 'any'
  readonly ifExists: boolean
  /** Lower case: keys are not case-sensitive. */
  readonly key: string
  readonly keyText: string
  readonly values: readonly Glob[]
  /** Of an address operator: the values as ranges, undefined where one is none. */
  readonly ranges: readonly (AddressRange | undefined)[]
}

interface Operator {
  family: ConditionFamily
  comparison: string
  isNegated: boolean
  ignoresCase: boolean
}

const operators = new Map<string, Operator>()
function declare(name: string, family: ConditionFamily, comparison: string, isNegated = false): void {
  operators.set(name, { family, comparison, isNegated, ignoresCase: name.endsWith('ignorecase') })
}
declare('stringequals', 'string', 'equals')
declare('stringnotequals', 'string', 'equals', true)
declare('stringequalsignorecase', 'string', 'equals')
declare('stringnotequalsignorecase', 'string', 'equals', true)
declare('stringlike', 'string', 'like')
declare('stringnotlike', 'string', 'like', true)
for (const family of ['numeric', 'date'] as const) {
  declare(`${family}equals`, family, 'equals')
  declare(`${family}notequals`, family, 'equals', true)
  for (const comparison of ['lessthan', 'lessthanequals', 'greaterthan', 'greaterthanequals']) {
    declare(`${family}${comparison}`, family, comparison)
  }
}
declare('bool', 'bool', 'equals')
declare('binaryequals', 'binary', 'equals')
declare('ipaddress', 'address', 'in')
declare('notipaddress', 'address', 'in', true)
for (const comparison of ['equals', 'like']) {
  declare(`arn${comparison}`, 'arn', 'like')
  declare(`arnnot${comparison}`, 'arn', 'like', true)
}
declare('null', 'null', 'absent')

function isAddressKey(key: string): boolean {
  return key.trim().toLowerCase() === 'aws:sourceip'
}

export function parseCondition(
  operator: string,
  key: string,
  values: readonly string[],
  knowsVariables: boolean,
): Condition {
  let name = operator.trim().toLowerCase()
  const prefix = /^(forallvalues|foranyvalue):/.exec(name)?.[1]
  if (prefix !== undefined) name = name.slice(prefix.length + 1)
  const ifExists = name.endsWith('ifexists')
  if (ifExists) name = name.slice(0, -'ifexists'.length)
  const found = operators.get(name) ?? {
    family: 'unknown',
    comparison: name,
    isNegated: false,
    ignoresCase: false,
  }
  // Policy variables are known to the string and ARN operators only.
  const variables = knowsVariables && (found.family === 'string' || found.family === 'arn')
  return {
    operator,
    ...found,
    quantifier: prefix === undefined ? '' : prefix === 'forallvalues' ? 'all' : 'any',
    ifExists,
    key: key.trim().toLowerCase(),
    keyText: key,
    ranges: isAddressKey(key) ? values.map(parseAddressRange) : [],
    values: values.map((value) => new Glob(value, variables)),
  }
}
