import { existsSync, statSync } from 'node:fs'
import { access, constants, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { identify } from '../collect/aws/identify.ts'
import { organizationOf } from '../collect/aws/organization.ts'
import { regionsOf } from '../collect/aws/regions.ts'
import { createAwsTransport } from '../collect/aws/transport.ts'
import { StanceError } from '../core/errors.ts'
import { foldCoverage } from './fold-coverage.ts'
import { lastScan } from './last-scan.ts'
import { loadDeclared } from './open-stance.ts'
import { openReading, type StoreSettings } from './open-store.ts'
import type { ConnectionSettings, RunSettings } from './run-settings.ts'

/** One thing that was looked at. `next` says what to do where it is not in order. */
export interface Diagnosis {
  about: string
  state: 'ok' | 'warning' | 'problem'
  message: string
  next: string
}

export interface DiagnoseOptions {
  settings: RunSettings
  store: StoreSettings
  /** Seconds that a cloud has for its answers. */
  signal: AbortSignal
}

/** Looks at everything that a scan needs, one thing after another, and goes on after a problem. */
export async function* diagnose(options: DiagnoseOptions): AsyncGenerator<Diagnosis> {
  const { settings, store } = options
  yield await tried('data directory', () => dataDirectory(settings.data_directory))
  yield await tried('database', () => database(store))
  yield await tried('rules', () => rules(settings))
  yield network(settings)
  for (const connection of settings.connections) yield* connectionWorks(connection, options)
  yield* permissions(options)
}

async function tried(about: string, work: () => Promise<Omit<Diagnosis, 'about'>>): Promise<Diagnosis> {
  try {
    return { about, ...(await work()) }
  } catch (error) {
    if (error instanceof StanceError)
      return { about, state: 'problem', message: error.message, next: error.next }
    return {
      about,
      state: 'problem',
      message: error instanceof Error ? error.message : String(error),
      next: '',
    }
  }
}

const ok = (message: string) => ({ state: 'ok' as const, message, next: '' })

async function dataDirectory(path: string): Promise<Omit<Diagnosis, 'about'>> {
  const next = 'Name another in `data_directory`, or make it writable for this user.'
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await access(path, constants.W_OK)
  } catch (error) {
    return { state: 'problem', message: `${path}: ${(error as Error).message}`, next }
  }
  const others = process.platform === 'win32' ? 0 : statSync(path).mode & 0o077
  if (others === 0) return ok(path)
  return {
    state: 'warning',
    message: `${path} can be read by other users of this machine.`,
    next: `chmod 700 ${path}`,
  }
}

async function database(store: StoreSettings): Promise<Omit<Diagnosis, 'about'>> {
  const { path, url } = store
  if (url === undefined && path !== undefined && !existsSync(path)) {
    await access(existing(dirname(path)), constants.W_OK)
    return ok(`${path} will be made by the first scan`)
  }
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
    const said =
      scan === undefined
        ? 'no scan yet'
        : `last scan ${scan.started_at.toISOString().slice(0, 16)}Z, ${scan.state}`
    return ok(`${db.location} (${db.engine}); ${said}`)
  } finally {
    await db.close()
  }
}

function existing(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path))
}

async function rules(settings: RunSettings): Promise<Omit<Diagnosis, 'about'>> {
  const { set } = await loadDeclared(settings.rules)
  const on = [...set.rules.values()].filter(({ enabled }) => enabled).length
  return ok(`${on} on, ${set.rules.size - on} off`)
}

function network({ network }: RunSettings): Diagnosis {
  const about = 'network'
  const { https_proxy, ca_bundle } = network
  if (ca_bundle !== undefined && !existsSync(ca_bundle)) {
    const next = 'Point `network.ca_bundle` (or AWS_CA_BUNDLE) at a PEM file.'
    return { about, state: 'problem', message: `There is no certificate bundle ${ca_bundle}.`, next }
  }
  const host =
    https_proxy === undefined
      ? undefined
      : (URL.parse(https_proxy)?.host ?? 'of an address that cannot be read')
  const said = [
    host === undefined ? 'no proxy' : `proxy ${host}`,
    ...(ca_bundle === undefined ? [] : [`own certificates ${ca_bundle}`]),
  ]
  return { about, ...ok(said.join(', ')) }
}

async function* connectionWorks(
  connection: ConnectionSettings,
  { settings, signal }: DiagnoseOptions,
): AsyncGenerator<Diagnosis> {
  const about = `connection ${connection.name}`
  const transport = createAwsTransport({ connections: [connection], network: settings.network })
  const asking = { transport, connection: connection.name, signal, timeout_ms: 15_000 }
  const accounts = connection.accounts === 'automatic' ? [undefined] : connection.accounts
  try {
    for (const account_id of accounts) {
      const caller = { ...asking, ...(account_id === undefined ? {} : { account_id }) }
      yield await tried(about, async () => {
        const identity = await identify(caller)
        if (account_id !== undefined && identity.account_id !== account_id)
          throw new StanceError(
            'COLLECT_WRONG_ACCOUNT',
            `It was to read ${account_id}, but its credentials belong to ${identity.account_id}.`,
            {
              next: 'Give the connection a `role_arn` with {account} in it, or one connection for each account.',
            },
          )
        const { regions, failed } = await regionsOf({ ...caller, partition: identity.partition })
        const who = `${identity.arn} in account ${identity.account_id}`
        if (failed !== undefined)
          return {
            state: 'warning',
            message: `${who}; its regions cannot be listed: ${failed.message} (${failed.code})`,
            next: 'Allow ec2:DescribeRegions, so that every region of the account is known.',
          }
        const inUse = regions.filter(({ status }) => status !== 'opted out').length
        const read = connection.regions === 'automatic' ? inUse : connection.regions.length
        return ok(`${who}; ${read} of ${inUse} regions`)
      })
    }
    if (connection.organization)
      yield await tried(`${about}, organization`, async () => {
        const organization = await organizationOf(asking)
        if ('failed' in organization)
          return {
            state: 'problem',
            message: `The organization cannot be read: ${organization.failed.message} (${organization.failed.code})`,
            next: 'Allow organizations:DescribeOrganization and organizations:ListAccounts, or take `organization` out of the connection.',
          }
        const members = organization.nodes.filter(({ kind }) => kind === 'account').length
        return ok(`${organization.id} with ${members} accounts`)
      })
  } finally {
    await transport.close()
  }
}

const mostDenied = 8

/** What the last scan was denied. */
async function* permissions({ settings, store }: DiagnoseOptions): AsyncGenerator<Diagnosis> {
  const about = 'permissions'
  let db: Awaited<ReturnType<typeof openReading>>
  try {
    db = await openReading(store)
  } catch {
    yield { about, ...ok('known after the first scan; `stance permissions aws` prints the policy to attach') }
    return
  }
  try {
    const { set } = await loadDeclared(settings.rules)
    const folds = await foldCoverage(db, set)
    const denied = folds.filter(({ state }) => state === 'denied')
    if (denied.length === 0) yield { about, ...ok('the last scan was denied nothing') }
    for (const { action, code, next, unknown_findings } of denied.slice(0, mostDenied)) {
      const hangs = unknown_findings === 0 ? '' : `; ${unknown_findings} verdicts depend on it`
      yield { about, state: 'warning', message: `denied: ${action === '' ? code : action}${hangs}`, next }
    }
    if (denied.length > mostDenied)
      yield {
        about,
        state: 'warning',
        message: `and ${denied.length - mostDenied} more`,
        next: 'See `stance coverage`.',
      }
  } finally {
    await db.close()
  }
}
