import { readdir } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { readUnitFile } from './read-unit-file.ts'
import { type Fact, factFile, type Rule, ruleFile } from './rule.ts'

const segment = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Hears of what is broken, so that the rest can be used; without one the first is thrown. */
export type OnBroken = (error: StanceError) => void

/** Every rule under the given directories (ours first, then a person's own); the id is the path. */
export async function loadRules(directories: readonly string[], onBroken?: OnBroken): Promise<Rule[]> {
  const rules = new Map<string, Rule>()
  for (const directory of directories) {
    for (const path of (await unlessBroken(() => yamlFiles(directory), onBroken)) ?? []) {
      const rule = await unlessBroken(() => readRule(directory, path, rules), onBroken)
      if (rule !== undefined) rules.set(rule.id, rule)
    }
  }
  return [...rules.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

async function readRule(directory: string, path: string, before: ReadonlyMap<string, Rule>): Promise<Rule> {
  const { shown, parts } = place(directory, path)
  if (parts.length !== 3 || !parts.every((part) => segment.test(part)))
    throw misplaced(shown, 'rules/<provider>/<service>/<name>.yaml', 'lower-case letters, digits and hyphens')
  const { unit, origin } = await readUnitFile(path, shown, ruleFile)
  const id = parts.join('-')
  const twin = before.get(id)
  if (twin !== undefined) throw twice('rule', id, twin.origin.file, shown)
  const [provider = '', service = ''] = parts
  return { ...unit, id, id_seed: unit.formerly[0] ?? id, provider, service, origin }
}

async function unlessBroken<T>(
  work: () => Promise<T>,
  onBroken: OnBroken | undefined,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (onBroken === undefined || !(error instanceof StanceError)) throw error
    onBroken(error)
    return undefined
  }
}

/** Every fact under the given directories; table and column are the path. */
export async function loadFacts(directories: readonly string[]): Promise<Fact[]> {
  const facts = new Map<string, Fact>()
  for (const directory of directories) {
    for (const path of await yamlFiles(directory)) {
      const { shown, parts } = place(directory, path)
      const [provider, table, column] = parts
      if (parts.length !== 3 || provider === undefined || table === undefined || column === undefined)
        throw misplaced(shown, 'facts/<provider>/<table>/<column>.yaml', 'the names of table and column')
      const { unit, origin } = await readUnitFile(path, shown, factFile)
      const id = `${table}.${column}`
      const twin = facts.get(id)
      if (twin !== undefined) throw twice('fact', id, twin.origin.file, shown)
      facts.set(id, { ...unit, provider, table, column, origin })
    }
  }
  return [...facts.values()].toSorted((a, b) => (a.table + a.column < b.table + b.column ? -1 : 1))
}

async function yamlFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw new StanceError('RULE_DIRECTORY', `The directory ${directory} cannot be read.`, {
        next: 'Make it, or take it out of `rules.directories` in stance.yaml.',
        cause,
      })
    },
  )
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

function place(directory: string, path: string): { shown: string; parts: string[] } {
  const inside = relative(directory, path).split(sep).join('/')
  return { shown: `${basename(directory)}/${inside}`, parts: inside.replace(/\.ya?ml$/, '').split('/') }
}

function misplaced(shown: string, where: string, made: string): StanceError {
  return new StanceError('RULE_FILE_PLACE', `${shown}: the path is the id, and this one is none.`, {
    next: `Put it at ${where}, of ${made}.`,
    details: { file: shown },
  })
}

function twice(kind: string, id: string, first: string, second: string): StanceError {
  return new StanceError('RULE_SAME_ID', `The ${kind} ${id} stands in ${first} and in ${second}.`, {
    next: 'Rename one of the files.',
  })
}
