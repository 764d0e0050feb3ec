import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from '../../core/json.ts'
import type { SourceDefinition } from '../../lake/define-table.ts'
import { valueAt } from '../../lake/stored.ts'
import { type Caller, callRead } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import { fillText, TemplateHole, type TemplateValues } from './fill-template.ts'
import { readPages, rowsAt } from './read-pages.ts'
import { shaped } from './read-way.ts'
import { Spool } from './spool.ts'

/** One run of a source: its rows by path, and how it ended. */
export interface SourceRun {
  /** Undefined: read whole, and vouched for. */
  unread: Unanswered | undefined
  /** Paths whose rows an answer lacked: unread, though the rest may be whole. */
  broken: ReadonlySet<string>
  /** The time that its data speaks of. */
  read_at: Date
  asked_at: Date
  /** Its data may be older than what a direct read says. */
  is_lagging: boolean
  items: ReadonlyMap<string, Spool>
  /** The rows' numbers by the key that a template over the row gives. */
  keyed(items: string, match: string): Promise<ReadonlyMap<string, number[]>>
  close(): Promise<void>
}

export async function readSource(
  caller: Caller,
  source: SourceDefinition,
  paths: ReadonlySet<string>,
  directory: string,
): Promise<SourceRun> {
  const began = caller.clock.now()
  const values: TemplateValues = {
    item: undefined,
    account: caller.account_id,
    region: caller.part,
    partition: caller.partition,
  }
  const items = new Map([...paths].map((path) => [path, new Spool(directory)]))
  const broken = new Set<string>()
  let saidAt: Date | undefined
  let spokenAt = began

  const take = async (body: Json): Promise<Unanswered | undefined> => {
    const answer = source.shape === undefined ? { value: body } : shaped(() => source.shape?.(body as never))
    if ('failure' in answer) return { end: 'error', failure: answer.failure }
    for (const [path, spool] of items) {
      const rows = rowsAt(answer.value as never, path)
      if (rows !== undefined) await spool.add(rows)
      else if (source.read.omits_empty !== true) broken.add(path)
    }
    return undefined
  }

  const readAll = async (): Promise<Unanswered | undefined> => {
    const unprepared = await prepare(caller, source, values)
    if (unprepared !== undefined) return unprepared
    const pages = readPages(caller, source, source.read, values, { is_list: true })
    for (let isFirst = true; ; isFirst = false) {
      const step = await pages.next()
      if (step.done) {
        if (step.value !== undefined) return step.value
        break
      }
      if (isFirst) {
        spokenAt = step.value.read_at
        saidAt = source.read_at === undefined ? undefined : moment(valueAt(step.value.body, source.read_at))
      }
      const failed = await take(step.value.body)
      if (failed !== undefined) return failed
    }
    return witness(caller, source, values)
  }

  const close = async () => {
    for (const spool of items.values()) await spool.close()
  }
  const unread = await readAll().catch(async (error: unknown) => {
    await close()
    throw error
  })
  const read_at = saidAt ?? new Date(spokenAt.getTime() - (source.lag_ms ?? 0))
  const indexes = new Map<string, Promise<ReadonlyMap<string, number[]>>>()
  return {
    unread,
    broken,
    read_at,
    asked_at: began,
    is_lagging: (source.lag_ms ?? 0) > 0,
    items,
    keyed(path, match) {
      const name = `${path}\0${match}`
      const known = indexes.get(name) ?? indexRows(items.get(path), match, values)
      indexes.set(name, known)
      return known
    },
    close,
  }
}

async function prepare(
  caller: Caller,
  source: SourceDefinition,
  values: TemplateValues,
): Promise<Unanswered | undefined> {
  if (source.prepare === undefined) return undefined
  const { until, wait_ms } = source.prepare
  for (let said: unknown; ; ) {
    const called = await callRead(caller, source, source.prepare, values, { is_list: true })
    const isOver = called.end === 'error' && called.failure.code === 'TIME_BUDGET' && said !== undefined
    if (isOver) return notReady(source, until.path, said)
    if (called.end !== 'ok') return called
    said = valueAt(called.body, until.path)
    if (said === until.equals) return undefined
    if (Date.now() + wait_ms >= caller.deadline) return notReady(source, until.path, said)
    try {
      await sleep(wait_ms, undefined, { signal: caller.signal })
    } catch {
      return { end: 'cancelled' }
    }
  }
}

function notReady({ title }: SourceDefinition, path: string, said: unknown): Unanswered {
  const message = `${title} was not ready in time: ${path} is ${String(said)}`
  const next = 'Nothing to do: the next scan tries again.'
  return { end: 'error', failure: { code: 'SOURCE_NOT_READY', message, next } }
}

/** Where the answer cannot vouch for being whole, another read must. */
async function witness(
  caller: Caller,
  source: SourceDefinition,
  values: TemplateValues,
): Promise<Unanswered | undefined> {
  if (source.whole === 'last page') return undefined
  const called = await callRead(caller, source, source.whole.witness, values)
  if (called.end === 'ok') return undefined
  if (called.end === 'cancelled' || called.end === 'denied' || called.end === 'error') return called
  const message = `${source.title} was read, but nothing vouches that it is whole: ${source.whole.because}`
  return {
    end: 'error',
    failure: { code: 'NO_WITNESS', message, next: `Allow ${source.whole.witness.operation}.` },
  }
}

async function indexRows(
  spool: Spool | undefined,
  match: string,
  values: TemplateValues,
): Promise<ReadonlyMap<string, number[]>> {
  const index = new Map<string, number[]>()
  let nr = 0
  for await (const rows of spool?.chunks() ?? []) {
    for (const row of rows) {
      const key = keyOf(match, { ...values, item: row })
      const known = key === undefined ? undefined : index.get(key)
      if (known !== undefined) known.push(nr)
      else if (key !== undefined) index.set(key, [nr])
      nr++
    }
  }
  return index
}

/** A row without a key belongs to no resource. */
function keyOf(match: string, values: TemplateValues): string | undefined {
  try {
    return fillText(match, values)
  } catch (error) {
    if (error instanceof TemplateHole) return undefined
    throw error
  }
}

function moment(value: unknown): Date | undefined {
  const date = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
}
