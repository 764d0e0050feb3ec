import type { Json, JsonObject } from '../../core/json.ts'
import { valueAt } from '../../lake/stored.ts'

/** What a template may name. */
export interface TemplateValues {
  /** `{Path.In.Item}`: the listed item; in a list within another table, the parent's. */
  item: unknown
  /** `{$parent.Path}`: the content of the row it was listed within; `{$parent}`: that row's native id. */
  parent?: { item: unknown; native_id: string }
  account: string
  region: string
  partition: string
  /** `{$id}` */
  id?: string
}

/** A placeholder that names nothing, or something that is no plain value inside a longer text. */
export class TemplateHole extends Error {
  readonly placeholder: string
  constructor(placeholder: string) {
    super(`nothing at {${placeholder}}`)
    this.placeholder = placeholder
  }
}

const placeholders = /\{(\$?[A-Za-z_][A-Za-z0-9_.-]*)\}/g
const alone = /^\{(\$?[A-Za-z_][A-Za-z0-9_.-]*)\}$/

/** Fills every string of a value. A string that is one placeholder alone keeps the type of what it names. */
export function fillTemplate<T extends Json>(template: T, values: TemplateValues): Json {
  if (typeof template === 'string') return fillAny(template, values)
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, values))
  if (template === null || typeof template !== 'object') return template
  const filled: JsonObject = {}
  for (const [key, value] of Object.entries(template)) filled[key] = fillTemplate(value, values)
  return filled
}

/** As text: the value of a region, of a key. */
export function fillText(template: string, values: TemplateValues): string {
  return template.replace(placeholders, (_, name: string) => {
    const value = lookUp(name, values)
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw new TemplateHole(name)
  })
}

function fillAny(template: string, values: TemplateValues): Json {
  const name = alone.exec(template)?.[1]
  if (name === undefined) return fillText(template, values)
  const value = lookUp(name, values)
  if (value === undefined) throw new TemplateHole(name)
  return value as Json
}

function lookUp(name: string, values: TemplateValues): unknown {
  switch (name) {
    case '$account':
      return values.account
    case '$region':
      return values.region
    case '$partition':
      return values.partition
    case '$id':
      return values.id
    case '$parent':
      return values.parent?.native_id
  }
  if (name.startsWith('$parent.')) return valueAt(values.parent?.item, name.slice('$parent.'.length))
  if (name.startsWith('$')) return undefined
  return valueAt(values.item, name)
}
