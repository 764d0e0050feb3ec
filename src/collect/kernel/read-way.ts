import type { Json, JsonObject } from '../../core/json.ts'
import type { Read } from '../../core/read.ts'
import type { Failure } from '../../lake/collected.ts'
import type { Place } from '../../lake/columns.ts'
import { valueAt } from '../../lake/stored.ts'
import type { Caller, Owner } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import type { TemplateValues } from './fill-template.ts'
import { readPages } from './read-pages.ts'
import { settleAll } from './settle-all.ts'
import { isReadSet, type ReadSet } from './table-reads.ts'

export type WayRead =
  | { end: 'ok'; content: Json; read_at: Date; asked_at?: Date; carries?: readonly string[]; way?: string }
  | (Unanswered & { read_at: Date })

/** The content that one read, or several together, give of one resource. */
export async function readWay(
  caller: Caller,
  owner: Owner,
  way: Read | ReadSet,
  values: TemplateValues,
  place: Place,
): Promise<WayRead> {
  return isReadSet(way) ? readSet(caller, owner, way, values, place) : readContent(caller, owner, way, values)
}

/** As good as the worst of its reads; "not configured" is an answer, which the shape sees as undefined. */
async function readSet(
  caller: Caller,
  owner: Owner,
  set: ReadSet,
  values: TemplateValues,
  place: Place,
): Promise<WayRead> {
  const names = Object.keys(set.reads)
  const parts = await settleAll(
    Object.values(set.reads).map((read) => readContent(caller, owner, read, values)),
  )
  const read_at = new Date(Math.min(...parts.map((part) => part.read_at.getTime())))
  for (const end of ['cancelled', 'gone', 'denied', 'error'] as const) {
    const worst = parts.find((part) => part.end === end)
    if (worst !== undefined) return { ...worst, read_at } as WayRead
  }
  const answers: Record<string, Json> = {}
  for (const [at, part] of parts.entries()) {
    if (part.end === 'ok') answers[names[at] as string] = part.content
  }
  const content = shaped(() => set.shape(answers as never, place) as Json | undefined)
  if ('failure' in content) return { end: 'error', failure: content.failure, read_at }
  if (content.value === undefined) return { end: 'absent', read_at }
  return {
    end: 'ok',
    content: content.value,
    read_at,
    ...(set.carries === undefined ? {} : { carries: set.carries }),
  }
}

async function readContent(
  caller: Caller,
  owner: Owner,
  read: Read,
  values: TemplateValues,
): Promise<WayRead> {
  let content: Json | undefined
  let read_at: Date | undefined
  const pages = readPages(caller, owner, read, values)
  for (;;) {
    const step = await pages.next()
    if (step.done) {
      read_at ??= caller.clock.now()
      if (step.value !== undefined) return { ...step.value, read_at }
      return { end: 'ok', content: content as Json, read_at }
    }
    read_at ??= step.value.read_at
    const picked = pick(read, step.value.body)
    if (picked === undefined) {
      const message = `the answer to ${read.operation} has no ${read.pick}`
      const next = 'Nothing to do: the next scan tries again.'
      return { end: 'error', failure: { code: 'FIELD_MISSING', message, next }, read_at }
    }
    content = content === undefined ? picked : joined(content, picked)
  }
}

function pick(read: Read, body: JsonObject): Json | undefined {
  if (read.pick === undefined) return body
  const found = valueAt(body, read.pick) as Json | undefined
  return found === undefined && read.omits_empty === true ? [] : found
}

/** Pages of one content: lists follow each other, of the rest the last page's counts. */
function joined(before: Json, page: Json): Json {
  if (Array.isArray(before) && Array.isArray(page)) return [...before, ...page]
  if (!isObject(before) || !isObject(page)) return page
  const all: JsonObject = { ...before }
  for (const [key, value] of Object.entries(page)) {
    const known = all[key]
    all[key] = Array.isArray(known) && Array.isArray(value) ? [...known, ...value] : value
  }
  return all
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** A declared function over a provider's answer: what it throws is the answer's fault, not the scan's end. */
export function shaped<T>(work: () => T): { value: T } | { failure: Failure } {
  try {
    return { value: work() }
  } catch (error) {
    const message = `the answer is not in the form that is declared: ${(error as Error).message.slice(0, 300)}`
    return {
      failure: { code: 'SHAPE', message, next: 'Report it: this answer is not as the table declares it.' },
    }
  }
}
