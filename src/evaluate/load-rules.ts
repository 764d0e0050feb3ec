import { basename, relative, sep } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { readUnitFile } from './read-unit-file.ts'
import { type Fact, factFile, type Rule, ruleFile } from './rule.ts'
import { ruleFiles } from './rule-files.ts'
import { type OnBroken, unlessBroken } from './unless-broken.ts'

const segment = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Every rule under the given directories (ours first, then a person's own); the id is the path. */
export async function loadRules(directories: readonly string[], onBroken?: OnBroken): Promise<Rule[]> {
  const rules = new Map<string, Rule>()
  for (const directory of directories) {
    for (const path of (await unlessBroken(() => ruleFiles(directory, onBroken), onBroken)) ?? []) {
      const rule = await unlessBroken(() => readRule(directory, path, rules), onBroken)
      if (rule !== undefined) rules.set(rule.id, rule)
    }
  }
  return [...rules.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

async function readRule(directory: string, path: string, before: ReadonlyMap<string, Rule>): Promise<Rule> {
  const { shown, parts } = place(directory, path)
  refuseMisplaced(shown, parts)
  const { unit, origin } = await readUnitFile(path, shown, ruleFile)
  const id = parts.join('-')
  const twin = before.get(id)
  if (twin !== undefined) throw twice('rule', id, twin.origin.file, shown)
  const [provider = '', service = ''] = parts
  return { ...unit, id, id_seed: unit.formerly[0] ?? id, provider, service, origin }
}

/** Every fact under the given directories; table and column are the path. */
export async function loadFacts(directories: readonly string[], onBroken?: OnBroken): Promise<Fact[]> {
  const facts = new Map<string, Fact>()
  for (const directory of directories) {
    for (const path of await ruleFiles(directory)) {
      const fact = await unlessBroken(() => readFact(directory, path), onBroken)
      if (fact === undefined) continue
      const id = `${fact.table}.${fact.column}`
      const twin = facts.get(id)
      if (twin !== undefined) throw twice('fact', id, twin.origin.file, fact.origin.file)
      facts.set(id, fact)
    }
  }
  return [...facts.values()].toSorted((a, b) => (a.table + a.column < b.table + b.column ? -1 : 1))
}

/** One fact of that directory. */
export async function readFact(directory: string, path: string): Promise<Fact> {
  const { shown, parts } = place(directory, path)
  const [provider, table, column] = parts
  if (parts.length !== 3 || provider === undefined || table === undefined || column === undefined)
    throw misplaced(shown, 'facts/<provider>/<table>/<column>.yaml', 'the names of table and column')
  const { unit, origin } = await readUnitFile(path, shown, factFile)
  return { ...unit, provider, table, column, origin }
}

/** `parts`: what the path makes the id of. */
export function refuseMisplaced(shown: string, parts: readonly string[]): void {
  if (parts.length !== 3 || !parts.every((part) => segment.test(part)))
    throw misplaced(shown, 'rules/<provider>/<service>/<name>.yaml', 'lower-case letters, digits and hyphens')
}

export function place(directory: string, path: string): { shown: string; parts: string[] } {
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
