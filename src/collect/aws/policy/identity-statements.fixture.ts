import type { Json, JsonObject } from '../../../core/json.ts'

/** Statements of an identity's policies, as tests of their meaning write them. */
export type Texts = string | string[]

export function may(action: Texts, resource: Texts = '*', condition?: JsonObject): JsonObject {
  const base = { Effect: 'Allow', Action: action, Resource: resource }
  return condition === undefined ? base : { ...base, Condition: condition }
}

export function no(action: Texts, resource: Texts = '*', condition?: JsonObject): JsonObject {
  return { ...may(action, resource, condition), Effect: 'Deny' }
}

/** On all but these. */
export function sparing({ Resource: spared = '*', ...statement }: JsonObject): JsonObject {
  return { ...statement, NotResource: spared }
}

export function when(operator: string, key: string, value: Json): JsonObject {
  return { [operator]: { [key]: value } }
}
