import { existsSync, readdirSync, statSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { isProxyProtocol, readProxy } from '../collect/aws/proxy.ts'
import type { StanceError } from '../core/errors.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { connectionWorks } from './diagnose-connection.ts'
import { accountsLeft, database, existing, permissions, queries } from './diagnose-store.ts'
import { type Diagnosis, type Found, ok, toProblem, tried } from './diagnosis.ts'
import { mayWrite } from './may-write.ts'
import { loadDeclared } from './open-stance.ts'
import type { StoreSettings } from './open-store.ts'
import type { RunSettings } from './run-settings.ts'
import { diagnoseKey, isKeyFile } from './secret-key.ts'
import { isSpoolDirectory } from './spool-directory.ts'

export interface DiagnoseOptions {
  settings: RunSettings
  store: StoreSettings
  /** What variables of the environment said, by the names of settings. */
  variables?: ReadonlyMap<string, string>
  /** Seconds that a cloud has for its answers. */
  signal: AbortSignal
}

/** Looks at everything that a scan needs, one thing after another, and goes on after a problem. */
export async function* diagnose(options: DiagnoseOptions): AsyncGenerator<Diagnosis> {
  const { settings, store } = options
  yield await tried('data directory', () => dataDirectory(settings.data_directory))
  const key = await tried('secret key', async () => (await diagnoseKey(settings.data_directory)) ?? ok(''))
  if (key.state !== 'ok') yield key
  yield await tried('database', () => database(store))
  if (store.url !== undefined) yield* queries({ ...store, url: store.url })
  const set = yield* rules(settings)
  yield network(settings, options.variables)
  let isAnyRead = settings.connections.length === 0
  for (const connection of settings.connections)
    if (yield* connectionWorks(connection, settings, options.signal)) isAnyRead = true
  if (!isAnyRead) yield { about: 'accounts', ...noneOn }
  yield* accountsLeft(store, settings.connections)
  if (set !== undefined) yield* permissions(store, set)
}

const noneOn: Found = {
  state: 'problem',
  message:
    'No account is left to read: `off_accounts` names all of them. A scan closes their findings and ends with 2.',
  next: 'Take one out of `off_accounts`, or name another in `accounts`.',
}

async function dataDirectory(path: string): Promise<Found> {
  const next = 'Name another `data_directory` in stance.yaml, or make it writable for this user.'
  try {
    await access(existing(path), constants.W_OK)
    if (!existsSync(path)) mayWrite(existing(path))
  } catch (error) {
    return { state: 'problem', message: `${path}: ${(error as Error).message}`, next }
  }
  if (!existsSync(path)) return ok(`${path} will be made by the first scan`)
  const others = process.platform === 'win32' ? 0 : statSync(path).mode & 0o077
  if (others === 0) return ok(path)
  const message = `${path} can be read by other users of this machine.`
  if (isOwn(path)) return { state: 'warning', message, next: `chmod 700 ${path}` }
  return {
    state: 'warning',
    message: `${message} Stance's own files in it cannot, but it holds others.`,
    next: 'Name a folder in `data_directory` that is for Stance alone.',
  }
}

/** Whether all that is in a folder is of Stance: of another nobody may be told to shut it. */
function isOwn(path: string): boolean {
  const { uid } = statSync(path)
  if (uid !== (process.getuid?.() ?? uid)) return false
  const ours = (name: string) =>
    isKeyFile(name) || isSpoolDirectory(name) || /^stance(\.duckdb|-demo$)/.test(name)
  return readdirSync(path).every(ours)
}

/** Each broken rule is a line of its own; those that can be used are given back. */
async function* rules(settings: RunSettings): AsyncGenerator<Diagnosis, RuleSet | undefined> {
  const about = 'rules'
  const broken: StanceError[] = []
  try {
    const { set } = await loadDeclared(settings.rules, (error) => broken.push(error))
    // A rule that cannot be read is unknown to the settings only because of that.
    const told = broken.filter(({ code }) => code !== 'RULE_UNKNOWN' || broken.length === 1)
    for (const error of told) yield { about, ...toProblem(error) }
    const on = [...set.rules.values()].filter(({ enabled }) => enabled).length
    const all = `${on} on, ${set.rules.size - on} off`
    if (broken.length === 0) yield { about, ...ok(all) }
    return set
  } catch (error) {
    yield { about, ...toProblem(error) }
    return undefined
  }
}

function network({ network }: RunSettings, variables: DiagnoseOptions['variables']): Diagnosis {
  const about = 'network'
  const { ca_bundle } = network
  // It goes before the file of settings, where another may stand.
  const variable = variables?.get('network.ca_bundle')
  const named = variable === undefined ? '' : ` (${variable})`
  if (ca_bundle !== undefined && !existsSync(ca_bundle)) {
    const next = 'Point `network.ca_bundle` (or AWS_CA_BUNDLE) at a PEM file.'
    return { about, state: 'problem', message: `There is no certificate bundle ${ca_bundle}${named}.`, next }
  }
  const hosts: string[] = []
  for (const kind of ['https', 'http'] as const) {
    const written = network[`${kind}_proxy`]
    if (written === undefined) continue
    const { host, protocol } = readProxy(written)
    const next = `Write \`network.${kind}_proxy\` (or ${kind.toUpperCase()}_PROXY, which goes before ALL_PROXY) as http://host:port.`
    if (host === '') return { about, state: 'problem', message: "The proxy's address cannot be read.", next }
    if (!isProxyProtocol(protocol))
      return {
        about,
        state: 'problem',
        message: `The proxy ${host} speaks ${protocol} and Stance only http and https.`,
        next,
      }
    hosts.push(`proxy ${host} for ${kind}`)
  }
  const said = [
    ...(hosts.length === 0 ? ['no proxy'] : hosts),
    ...(ca_bundle === undefined ? [] : [`own certificates ${ca_bundle}${named}`]),
  ]
  return { about, ...ok(said.join(', ')) }
}
