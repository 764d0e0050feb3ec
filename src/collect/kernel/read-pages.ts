import type { Json, JsonObject } from '../../core/json.ts'
import type { Pages, Read } from '../../core/read.ts'
import type { Failure } from '../../lake/collected.ts'
import { valueAt } from '../../lake/stored.ts'
import { type Caller, type CallOptions, callRead, type Owner } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import type { TemplateValues } from './fill-template.ts'

export interface Page {
  body: JsonObject
  /** The rows at the path asked for; all pages have them, or the read is broken. */
  rows: Json[]
  read_at: Date
}

export interface PagesWanted extends CallOptions {
  /** The path to the rows: `items` of a listing, a picked list. Without one, no rows are looked for. */
  rows?: string
}

/**
 * All pages of a read, in order. Returns undefined when the answer itself vouches for being whole: the last
 * page was reached, no token came twice, counts agree. Else how it ended; the pages before are given all the same.
 */
export async function* readPages(
  caller: Caller,
  owner: Owner,
  read: Read,
  values: TemplateValues,
  wanted: PagesWanted = {},
): AsyncGenerator<Page, Unanswered | undefined> {
  const seen = new Set<string>()
  let input: JsonObject = {}
  let rowsRead = 0
  for (let isFirst = true; ; isFirst = false) {
    const called = await callRead(caller, owner, read, values, { ...wanted, input })
    if (called.end !== 'ok') return isFirst ? called : inMidList(called)
    const rows = wanted.rows === undefined ? [] : rowsAt(called.body, wanted.rows)
    if (rows === undefined && read.omits_empty !== true)
      return broken('ROWS_MISSING', `the answer to ${read.operation} has no ${wanted.rows}`)
    rowsRead += rows?.length ?? 0
    yield { body: called.body, rows: rows ?? [], read_at: called.read_at }
    if (read.pages === undefined) return undefined
    const next = nextPage(read.pages, called.body, seen)
    if (next === 'last') return countAgrees(read, called.body, rowsRead)
    if ('end' in next) return next
    input = setAt({}, read.pages.in, next.token)
  }
}

/** Goes through lists (`Reservations.Instances`); undefined where a field on the way is not there. */
export function rowsAt(body: JsonObject, path: string): Json[] | undefined {
  let here: Json[] = [body]
  for (const key of path.split('.')) {
    const next: Json[] = []
    for (const one of here) {
      const found = valueAt(one, key) as Json | undefined
      if (found === undefined) return undefined
      next.push(...(Array.isArray(found) ? found : [found]))
    }
    here = next
  }
  return here
}

function nextPage(pages: Pages, body: JsonObject, seen: Set<string>): 'last' | { token: Json } | Unanswered {
  const token = valueAt(body, pages.out) as Json | undefined
  const hasToken = token !== undefined && token !== ''
  if (pages.more !== undefined) {
    const more = valueAt(body, pages.more)
    if (more !== true && more !== false)
      return broken('PAGE_MISSING', `the answer does not say in ${pages.more} whether more follows`)
    if (!more) return 'last'
    if (!hasToken) return broken('PAGE_MISSING', 'the answer says that more follows, but not where')
  }
  if (!hasToken) return 'last'
  const known = JSON.stringify(token)
  if (seen.has(known)) return broken('PAGE_REPEATED', 'the same page token came twice')
  seen.add(known)
  return { token }
}

function countAgrees(read: Read, body: JsonObject, rowsRead: number): Unanswered | undefined {
  if (read.pages?.total === undefined) return undefined
  const total = valueAt(body, read.pages.total)
  if (total === rowsRead) return undefined
  return broken('ROWS_MISSING', `the provider counts ${String(total)} rows, but gave ${rowsRead}`)
}

/** Behind the first page even "not configured" means that something is not right. */
function inMidList(ended: Unanswered): Unanswered {
  if (ended.end !== 'absent' && ended.end !== 'unsupported') return ended
  return broken('PAGE_MISSING', `a further page was refused: ${ended.failure?.message ?? ended.end}`)
}

function broken(code: string, message: string): Unanswered {
  const failure: Failure = { code, message, next: 'Nothing to do: the next scan tries again.' }
  return { end: 'error', failure }
}

function setAt(target: JsonObject, path: string, value: Json): JsonObject {
  const steps = path.split('.')
  const last = steps.pop() ?? path
  let here = target
  for (const step of steps) {
    const inner: JsonObject = {}
    here[step] = inner
    here = inner
  }
  here[last] = value
  return target
}
