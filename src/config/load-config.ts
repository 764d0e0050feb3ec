import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { isThere } from '../core/file-problem.ts'
import { checkConfig } from './check-config.ts'
import { type ProfileFiles, profileFiles } from './profile-files.ts'
import { readEnvironment, readVariable } from './read-environment.ts'
import { resolvePaths } from './resolve-paths.ts'
import { type Config, type Connection, settings } from './settings.ts'
import { buildSection, type Problem, withoutNulls } from './validate.ts'
import { type SettingPath, spellPath } from './walk-settings.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

export interface LoadOptions {
  /** The file to read; without it `STANCE_CONFIG`, else `stance.yaml` in `cwd` if there is one. */
  file?: string
  /** The process's own where left out. */
  env?: NodeJS.ProcessEnv
  cwd?: string
}

export interface LoadedConfig extends Config {
  connections: (Connection & { profile_files: ProfileFiles })[]
  rules: Config['rules'] & { place: (path: readonly string[]) => string }
  /** The file that was read, if any. */
  file: string | undefined
  /** The address of the database is said in that file, and not in DATABASE_URL. */
  url_in_file: boolean
  /** What variables of the environment said, by the names of settings. */
  variables: ReadonlyMap<string, string>
}

/**
 * `stance.yaml` and the environment as one typed object; the environment wins. Throws `CONFIG_INVALID` with
 * every problem at once, each with its place and remedy, and `CONFIG_FILE_UNREADABLE`.
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { file: named, env = process.env, cwd = process.cwd() } = options
  const said = named ?? (readVariable(env, 'STANCE_CONFIG') || undefined)
  const file = findFile(said, cwd)
  const yaml = file === undefined ? undefined : readYaml(readText(file, said), file)
  const environment = readEnvironment(env)
  const problems: Problem[] = [...environment.problems]
  if (yaml !== undefined && yaml.problems.length > 0) {
    for (const { place, message } of yaml.problems) problems.push({ place, message })
    throw invalid(problems)
  }

  const place = placer(yaml, environment.variables)
  const raw = withoutNulls(yaml?.data ?? {})
  const merged = merge(raw, environment.values)
  const config = buildSection(settings, merged, { place, problems }) as Config
  if (problems.length === 0) checkConfig(config, { place, problems })
  if (problems.length > 0) throw invalid(problems)
  resolvePaths(config, (path) => {
    const fromFile = file !== undefined && !environment.variables.has(spellPath(path))
    return fromFile && isWritten(raw, path) ? dirname(file) : cwd
  })
  if (config.connections.length === 0) config.connections.push(buildDefaultConnection())
  config.database.path ??= join(config.data_directory, 'stance.duckdb')
  const profile_files = profileFiles(env)
  const connections = config.connections.map((connection) => ({ ...connection, profile_files }))
  const rules = {
    ...config.rules,
    place: ([name = '', ...below]: readonly string[]) =>
      place(environment.variables.has(`rules.${name}`) ? ['rules', name] : ['rules', name, ...below]),
  }
  const url_in_file = config.database.url !== undefined && !environment.variables.has('database.url')
  return { ...config, connections, rules, file, url_in_file, variables: environment.variables }
}

function buildDefaultConnection(): Config['connections'][number] {
  const ignore = { place: () => '', problems: [] }
  return buildSection(settings.connections.item, {}, ignore) as Config['connections'][number]
}

function findFile(named: string | undefined, cwd: string): string | undefined {
  if (named !== undefined) return resolve(cwd, named)
  const usual = join(cwd, 'stance.yaml')
  return isThere(usual) ? usual : undefined
}

/** `said`: as the person named it. */
function readText(file: string, said: string | undefined): string {
  try {
    refusePipe(file)
    refuseSize(file, statSync(file).size)
    const text = readFileSync(file, 'utf8')
    refuseSize(file, Buffer.byteLength(text))
    return text
  } catch (cause) {
    if (cause instanceof StanceError) throw cause
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new StanceError(
      'CONFIG_FILE_UNREADABLE',
      missing ? `There is no file ${file}.` : `${file} cannot be read: ${(cause as Error).message}`,
      {
        next: missing
          ? `Write one with \`stance init${said !== undefined && /^[\w./-]+$/.test(said) ? ` ${said}` : ' <file>'}\`, or name another file.`
          : 'Make it readable for this user.',
        cause,
      },
    )
  }
}

/** Far more than anybody's settings; what is larger is another file, and would be looked at for minutes. */
const mostBytes = 256 * 1024

function refuseSize(file: string, bytes: number): void {
  if (bytes <= mostBytes) return
  throw new StanceError(
    'CONFIG_FILE_SIZE',
    `${file} has ${bytes} bytes; a file of settings has at most ${mostBytes}.`,
    { next: 'Name another file, or take out what is no setting.' },
  )
}

/** Nobody may ever write into a pipe that lies in a folder. What a shell hands over (`<(…)`) has somebody at its other end. */
function refusePipe(file: string): void {
  const found = statSync(file)
  if (found.isFile() || found.isDirectory() || /^\/dev\/(stdin$|fd\/)/.test(file)) return
  throw new StanceError('CONFIG_FILE_UNREADABLE', `${file} is no file.`, {
    next: 'Write one with `stance init`, or name another file.',
  })
}

/** Where a setting was said: an environment variable, or a place in the file. */
function placer(yaml: YamlSource | undefined, variables: ReadonlyMap<string, string>) {
  return (path: SettingPath, of?: 'key' | 'value'): string => {
    const variable = variables.get(spellPath(path))
    if (variable !== undefined) return `environment variable ${variable}`
    return yaml?.place(path, of) ?? 'settings'
  }
}

function isWritten(raw: unknown, path: SettingPath): boolean {
  let value = raw
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false
    value = (value as Record<string | number, unknown>)[part]
  }
  return value !== undefined
}

/** The environment's values laid over the file's. */
function merge(raw: unknown, values: readonly { path: readonly string[]; value: unknown }[]): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  const merged = structuredClone(raw) as Record<string, unknown>
  for (const { path, value } of values) {
    let section = merged
    for (const part of path.slice(0, -1)) {
      const inner = section[part]
      if (typeof inner !== 'object' || inner === null) section[part] = {}
      section = section[part] as Record<string, unknown>
    }
    section[path.at(-1)!] = value
  }
  return merged
}

/** Nobody reads the thousands of another kind of file. */
const mostTold = 50

function invalid(all: readonly Problem[]): StanceError {
  const problems = all.slice(0, mostTold)
  const lines = problems.map(({ place, message }) => `${place}: ${message}`)
  if (all.length > mostTold) lines.push(`and ${all.length - mostTold} more`)
  return new StanceError('CONFIG_INVALID', lines.join('\n'), {
    next: 'Correct what is named above; docs/reference/settings.md describes every setting.',
    details: { problems },
  })
}
