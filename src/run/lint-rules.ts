import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { tables } from '../collect/tables.generated.ts'
import { StanceError } from '../core/errors.ts'
import { loadFacts } from '../evaluate/load-rules.ts'
import { readUnitFile } from '../evaluate/read-unit-file.ts'
import { type Rule, ruleFile } from '../evaluate/rule.ts'
import { buildRuleSet, type ReadyRule } from '../evaluate/rule-set.ts'
import { buildCatalogue, type LakeCatalogue } from '../lake/catalogue.ts'
import { shippedFacts, shippedRules } from './shipped-files.ts'

export interface LintProblem {
  file: string
  /** What the path makes of it. */
  rule_id: string
  code: string
  message: string
  next: string
  /** The line at fault with a mark under the character, where there is one. */
  excerpt: string
}

export interface LintReport {
  files: number
  problems: LintProblem[]
  rules: ReadyRule[]
}

/** The catalogue with the columns that facts derive. */
export async function catalogueWithFacts(): Promise<LakeCatalogue> {
  const facts = await loadFacts([shippedFacts])
  const columns = facts.map(({ table, column, title }) => ({
    table,
    column,
    type: 'boolean' as const,
    title,
  }))
  return buildCatalogue(tables, columns)
}

/** Reads each file by itself, so that every problem is told and not the first. */
export async function lintRules(paths: readonly string[], cwd: string): Promise<LintReport> {
  const catalogue = await catalogueWithFacts()
  const report: LintReport = { files: 0, problems: [], rules: [] }
  const seen = new Map<string, string>()
  for (const path of await ruleFiles(paths, cwd)) {
    report.files++
    try {
      const ready = await readRule(path, catalogue)
      const twin = seen.get(ready.rule.id)
      if (twin !== undefined)
        throw new StanceError('RULE_SAME_ID', `The rule ${ready.rule.id} stands in ${twin} and in ${path}.`, {
          next: 'Rename one of the files.',
        })
      seen.set(ready.rule.id, path)
      report.rules.push(ready)
    } catch (error) {
      if (!(error instanceof StanceError)) throw error
      const { code, message, next, details } = error
      const excerpt = String(details.excerpt ?? '')
      report.problems.push({ file: path, rule_id: idOf(path), code, message, next, excerpt })
    }
  }
  return report
}

function partsOf(path: string): string[] {
  return path
    .replace(/\.ya?ml$/, '')
    .split(sep)
    .slice(-3)
}

function idOf(path: string): string {
  return partsOf(path)
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
}

/** One rule file, checked; its id is made of the last three parts of its path. */
export async function readRule(path: string, catalogue: LakeCatalogue): Promise<ReadyRule> {
  const parts = partsOf(path)
  const shown = parts.length === 3 ? `${parts.join('/')}${path.slice(path.lastIndexOf('.'))}` : basename(path)
  const { unit, origin } = await readUnitFile(path, shown, ruleFile)
  const id = idOf(path)
  const [provider = '', service = ''] = parts
  const rule: Rule = { ...unit, id, id_seed: unit.formerly[0] ?? id, provider, service, origin }
  const ready = buildRuleSet(catalogue.shapes, [rule], []).rules.get(id)
  if (ready === undefined) throw new Error(`the rule ${id} is in its own set`)
  return ready
}

async function ruleFiles(paths: readonly string[], cwd: string): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const full = resolve(cwd, path)
    const about = await stat(full).catch((cause: unknown) => {
      throw new StanceError('RULE_DIRECTORY', `${full} cannot be read.`, {
        next: 'Name a rule file, or a folder of them.',
        cause,
      })
    })
    if (!about.isDirectory() && !/\.ya?ml$/.test(full))
      throw new StanceError('RULE_DIRECTORY', `${full} is no rule file: its name does not end in .yaml.`, {
        next: 'Name a rule file, or a folder of them.',
      })
    if (!about.isDirectory()) files.push(full)
    else {
      const entries = await readdir(full, { recursive: true, withFileTypes: true })
      files.push(
        ...entries
          .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
          .map((entry) => join(entry.parentPath, entry.name))
          .sort(),
      )
    }
  }
  return files
}

/** The folders that rules come from: ours, and those that settings name. */
export function ruleDirectories(own: readonly string[]): string[] {
  return [shippedRules, ...own]
}
