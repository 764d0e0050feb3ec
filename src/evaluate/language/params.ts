import { StanceError } from '../../core/errors.ts'
import type { LakeType } from '../../core/table-shape.ts'

export type ParamType = Exclude<LakeType, 'timestamptz'>

export interface ParamShape {
  type: ParamType
  /** Many values, written `in (:name)`. */
  list?: boolean
}

export type ParamShapes = Readonly<Record<string, ParamShape>>
export type ParamValue = string | number | boolean | readonly string[] | readonly number[]
export type ParamValues = Readonly<Record<string, ParamValue>>

/** What kind of parameter a default value makes; a number with a fraction makes a double, an empty list one of texts. */
export function shapeOfValue(name: string, value: unknown): ParamShape {
  const list = Array.isArray(value)
  if (list && value.length === 0) return { type: 'text', list }
  const values: unknown[] = list ? value : [value]
  const types = new Set(values.map(typeOfValue))
  if (types.size === 2 && types.has('bigint') && types.has('double')) types.delete('bigint')
  const [type] = types
  if (type === undefined || types.size !== 1) {
    throw paramError(name, 'must be one text, number or boolean, or a list of one kind')
  }
  return list ? { type, list } : { type }
}

function typeOfValue(value: unknown): ParamType | undefined {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value !== 'number') return undefined
  return Number.isSafeInteger(value) ? 'bigint' : Number.isFinite(value) ? 'double' : undefined
}

/** The value of a parameter as its kind says, as a list of values; an error where it does not fit. */
export function paramValues(
  name: string,
  shape: ParamShape,
  values: ParamValues,
): (string | number | boolean)[] {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value === undefined) throw paramError(name, 'has no value')
  if (Array.isArray(value) !== (shape.list === true)) {
    throw paramError(name, shape.list === true ? 'must be a list' : 'must be one value')
  }
  const all = (Array.isArray(value) ? value : [value]) as unknown[]
  return all.map((one) => {
    const type = typeOfValue(one)
    const fits = type === shape.type || (type === 'bigint' && shape.type === 'double')
    if (!fits) throw paramError(name, `must be of type ${shape.type}`)
    if (typeof one === 'string' && (one.includes('\0') || !one.isWellFormed())) {
      throw paramError(name, 'must be plain text')
    }
    return one as string | number | boolean
  })
}

export function paramError(name: string, what: string): StanceError {
  return new StanceError('CONDITION_PARAM', `The parameter :${name} ${what}.`, {
    next: `Set the parameter ${name} of the rule.`,
    details: { param: name },
  })
}
