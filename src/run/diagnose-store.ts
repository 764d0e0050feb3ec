import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { sayFailure } from '../core/failure-words.ts'
import { isThere } from '../core/file-problem.ts'
import { isNeverRead } from '../core/say-state.ts'
import { openDatabase } from '../db/open-database.ts'
import { missingRights } from '../db/postgres/missing-rights.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { readAccounts } from '../lake/accounts.ts'
import { accountsLeft as idsOfLeft, readOfLeft, tellLeft } from './accounts-left.ts'
import { type Diagnosis, type Found, ok } from './diagnosis.ts'
import { type CoverageFold, foldCoverage } from './fold-coverage.ts'
import { type LastScan, lastScan, tellUnended, unendedScan } from './last-scan.ts'
import { mayWrite } from './may-write.ts'
import { tellNotRead } from './not-read-yet.ts'
import { openQueryReader, queryRelations } from './open-query-reader.ts'
import { openReading, type StoreSettings } from './open-store.ts'
import type { ConnectionSettings } from './run-settings.ts'

export async function database(store: StoreSettings): Promise<Found> {
  const { path, url } = store
  if (url === undefined && path !== undefined && !isThere(path)) {
    await access(existing(dirname(path)), constants.W_OK)
    mayWrite(existing(dirname(path)))
    return ok(`${path} will be made by the first scan`)
  }
  const refused = url === undefined ? undefined : await refusedRights(url)
  if (refused !== undefined) return refused
  let db: Awaited<ReturnType<typeof openReading>>
  try {
    db = await openReading(store)
  } catch (error) {
    if (error instanceof StanceError && error.code === 'STORE_EMPTY')
      return ok('reachable; nothing has been scanned yet')
    throw error
  }
  try {
    const scan = await lastScan(db)
    const unended = await unendedScan(db)
    const where = `${db.location} (${db.engine})`
    if (unended !== undefined) {
      const { said, next } = tellUnended(unended, 'what it has read is kept, the rest is as it was.')
      const state = unended.alive === 'no' ? 'warning' : 'ok'
      return { state, message: `${where}. ${said}`, next }
    }
    if (scan?.state === 'failed') {
      const next = 'Run `stance scan` again: it says what stands in the way. What earlier scans read is kept.'
      return { state: 'warning', message: `${where}; ${sayLast(scan)}`, next }
    }
    return ok(`${where}; ${scan === undefined ? 'no scan yet' : sayLast(scan)}`)
  } finally {
    await db.close()
  }
}

/** A scan makes tables and views: told before it tries. */
async function refusedRights(url: string): Promise<Found | undefined> {
  const db = await openDatabase({ url, readOnly: true })
  try {
    const missing = await missingRights(db)
    if (missing.length === 0) return undefined
    const message = `${db.location} can be reached, but its user may not make what a scan needs.`
    return { state: 'problem', message, next: `As its owner, run: ${missing.join('; ')}` }
  } finally {
    await db.close()
  }
}

/** The directory, or the one in which it would be made. */
export function existing(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path))
}

/** Undefined where it cannot be opened: another line tells why. */
function opened(store: StoreSettings): Promise<Awaited<ReturnType<typeof openReading>> | undefined> {
  return openReading(store).catch(() => undefined)
}

/** Where a person's SQL runs on PostgreSQL; a scan works without. */
export async function* queries(store: StoreSettings & { url: string }): AsyncGenerator<Diagnosis> {
  const about = 'queries'
  const db = await opened(store)
  if (db === undefined) return
  try {
    const { reader, missing, close } = await openQueryReader(store, await queryRelations(db))
    const [me] = await reader.query<{ name: string }>('select session_user::text as name')
    await close()
    const message = `\`stance query\` logs in as ${me?.name}, which can only read`
    if (missing.length === 0) yield { about, ...ok(message) }
    else yield { about, state: 'warning', message, next: missing.join('\n') }
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    yield { about, state: 'warning', message: error.message, next: error.next }
  } finally {
    await db.close()
  }
}

/** Accounts of which something stands, and which the settings list no more. */
export async function* accountsLeft(
  store: StoreSettings,
  connections: readonly ConnectionSettings[],
): AsyncGenerator<Diagnosis> {
  const db = await opened(store)
  if (db === undefined) return
  try {
    const left = tellLeft(await readOfLeft(db, await idsOfLeft(db, await readAccounts(db), connections)))
    if (left !== undefined) yield { about: 'accounts', state: 'warning', message: left.said, next: left.next }
  } finally {
    await db.close()
  }
}

const mostDenied = 8

/** What reading was denied, as the store knows it: no permission is tried here. */
export async function* permissions(store: StoreSettings, set: RuleSet): AsyncGenerator<Diagnosis> {
  const about = 'permissions'
  let db: Awaited<ReturnType<typeof openReading>>
  try {
    db = await openReading(store)
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    const next =
      'Run `stance scan`: what it is denied shows here. `stance permissions aws` prints the policy to attach.'
    yield { about, state: 'unknown', message: 'not tried: only a scan uses them', next }
    return
  }
  try {
    const folds = await tellNotRead(db, await foldCoverage(db, set))
    const scan = await lastScan(db)
    const denied = folds.filter(({ state }) => state === 'denied')
    if (denied.length === 0) yield { about, ...nothingDenied(folds, scan) }
    for (const { action, code, next, unknown_findings } of denied.slice(0, mostDenied)) {
      const verdicts = unknown_findings === 1 ? '1 verdict depends' : `${unknown_findings} verdicts depend`
      const hangs = unknown_findings === 0 ? '' : `; ${verdicts} on it`
      yield {
        about,
        state: 'warning',
        message: `denied: ${action === '' ? sayFailure(code) : action}${hangs}`,
        next,
      }
    }
    if (denied.length > mostDenied)
      yield {
        about,
        state: 'warning',
        message: `denied: ${denied.length - mostDenied} more ${denied.length - mostDenied === 1 ? 'action' : 'actions'}`,
        things: denied.length - mostDenied,
        next: 'See `stance coverage`.',
      }
  } finally {
    await db.close()
  }
}

function nothingDenied(folds: readonly CoverageFold[], scan: LastScan | undefined): Found {
  if (scan === undefined)
    return { state: 'unknown', message: 'not tried: only a scan uses them', next: 'Run `stance scan`.' }
  const since = `when it was last read (${sayLast(scan)}; nothing is tried now)`
  const unread = folds.filter(({ state, cells }) => state === 'not_collected' && cells > 0)
  const [first] = unread
  if (first === undefined) return ok(`nothing was denied ${since}`)
  const count = (some: readonly CoverageFold[]) => some.reduce((sum, { cells }) => sum + cells, 0)
  const never = count(unread.filter(isNeverRead))
  const said = [
    ...(never === 0 ? [] : [`${never === 1 ? '1 cell was' : `${never} cells were`} never read`]),
    ...(never === count(unread) ? [] : [`${count(unread) - never} are not read now`]),
  ]
  return {
    state: 'unknown',
    message: `nothing was denied ${since}, but ${said.join(', ')}`,
    next: first.next,
  }
}

function sayLast({ started_at, state }: LastScan): string {
  return `last scan ${toMinute(started_at)}, ${state === 'running' ? 'not ended' : state}`
}

function toMinute(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
