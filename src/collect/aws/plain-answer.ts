import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Json, JsonObject } from '../../core/json.ts'

/** An SDK answer as it lies in a document: times ISO 8601, bytes base64, undefined left out, no `$metadata`. */
export async function toPlainAnswer(answer: object): Promise<JsonObject> {
  const { $metadata: _, ...rest } = answer as { $metadata?: unknown }
  return ((await toPlain(rest)) ?? {}) as JsonObject
}

async function toPlain(value: unknown): Promise<Json | undefined> {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  // A number that JSON has no word for is what the provider wrote, not what we make of it.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Readable) return (await buffer(value)).toString('base64')
  if (Array.isArray(value)) return await plainList(value)
  if (typeof value !== 'object') return undefined
  const object: JsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const plain = await toPlain(item)
    if (plain !== undefined) object[key] = plain
  }
  return object
}

async function plainList(items: unknown[]): Promise<Json[]> {
  const list: Json[] = []
  for (const item of items) list.push((await toPlain(item)) ?? null)
  return list
}
