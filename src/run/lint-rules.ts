import { stat } from 'node:fs/promises'
import { basename, relative, resolve, sep } from 'node:path'
import { tables } from '../collect/tables.generated.ts'
import { StanceError } from '../core/errors.ts'
import { loadFacts, place, readFact, refuseMisplaced } from '../evaluate/load-rules.ts'
import { readUnitFile } from '../evaluate/read-unit-file.ts'
import { type Rule, ruleFile } from '../evaluate/rule.ts'
import { ruleFiles } from '../evaluate/rule-files.ts'
import { buildRuleSet, type ReadyFact, type ReadyRule } from '../evaluate/rule-set.ts'
import { sortFacts } from '../evaluate/sort-facts.ts'
import type { OnBroken } from '../evaluate/unless-broken.ts'
import { buildCatalogue, type LakeCatalogue } from '../lake/catalogue.ts'
import { refusingViews } from './explain-view.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'
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
  facts: ReadyFact[]
}

/** The catalogue with the columns that facts derive. */
export async function catalogueWithFacts(onBroken?: OnBroken): Promise<LakeCatalogue> {
  const facts = await loadFacts([shippedFacts], onBroken)
  const columns = facts.map(({ table, column, title }) => ({
    table,
    column,
    type: 'boolean' as const,
    title,
  }))
  return buildCatalogue(tables, columns)
}

/**
 * Reads each file by itself, so that every problem is told and not the first. `roots`: the folders that a scan takes its
 * rules from; with them a file must lie as a scan wants it, and have an id that none of theirs has.
 */
export async function lintRules(
  paths: readonly string[],
  cwd: string,
  roots: readonly string[] = [],
): Promise<LintReport> {
  const report: LintReport = { files: 0, problems: [], rules: [], facts: [] }
  const tell = (path: string, { code, message, next, details }: StanceError) => {
    const excerpt = String(details.excerpt ?? '')
    // What is wrong with the form of a file is told at once: each by itself, with its own remedy.
    const several = (details.problems ?? [{ message, next }]) as { message: string; next: string }[]
    // An editor opens it from where the person stands.
    const from = (text: string) => text.replaceAll(shownIn(path), () => `${relative(cwd, path)}:`)
    for (const one of several)
      report.problems.push({
        ...{ file: path, rule_id: idOf(path), code, ...one, excerpt },
        message: from(one.message),
      })
  }
  const seen = await filesById(roots)
  const files = await filesOf(paths, cwd, (error) => tell(String(error.details.file ?? ''), error))
  const broken: StanceError[] = []
  const catalogue = await catalogueWithFacts((error) => broken.push(error))
  // Told below, with its file; where no fact is looked at, nothing can be said of rules without it.
  if (broken[0] !== undefined && !files.some((path) => path.startsWith(shippedFacts))) throw broken[0]
  for (const path of files) {
    report.files++
    try {
      if (isFact(path)) {
        report.facts.push(await lintFact(path, catalogue))
        continue
      }
      if (roots.length > 0) refuseElsewhere(path, roots)
      const ready = await readRule(path, catalogue)
      if (roots.length > 0) refuseGuessed(ready, path, roots, catalogue)
      const twin = seen.get(ready.rule.id)
      if (twin !== undefined && twin !== path)
        throw new StanceError('RULE_SAME_ID', `The rule ${ready.rule.id} stands in ${twin} and in ${path}.`, {
          next: 'Rename one of the files.',
        })
      seen.set(ready.rule.id, path)
      report.rules.push(ready)
    } catch (error) {
      if (!(error instanceof StanceError)) throw error
      tell(path, error)
    }
  }
  sortFacts(report.facts)
  return report
}

/** A file as messages name it by its place among rules, before a line: `aws/s3/x.yaml:3`. */
function shownIn(path: string): RegExp {
  const named = `${partsOf(path).join('/')}${path.slice(path.lastIndexOf('.'))}`
  const words = [named, basename(path)].map((word) => word.replaceAll(/[^\w/-]/g, '\\$&'))
  return new RegExp(`(?<![\\w/.-])(?:${words.join('|')}):(?=\\d)`, 'g')
}

/** A fact lies at facts/<provider>/<table>/<column>.yaml, with Stance or while it is written elsewhere. */
function isFact(path: string): boolean {
  if (path.startsWith(shippedFacts)) return true
  const [facts, , table] = path.split(sep).slice(-4)
  // No rule may lie there: its path has hyphens only.
  return facts === 'facts' && table?.includes('_') === true
}

async function lintFact(path: string, catalogue: LakeCatalogue): Promise<ReadyFact> {
  const fact = await readFact(path.startsWith(shippedFacts) ? shippedFacts : resolve(path, '../../..'), path)
  const [ready] = refusingViews(() => buildRuleSet(catalogue.shapes, [], [fact])).facts
  if (ready === undefined) throw new Error(`the fact ${fact.table}.${fact.column} is in its own set`)
  return ready
}

/** Which file of those folders has which id. */
async function filesById(roots: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const root of roots)
    for (const path of await ruleFiles(root, () => undefined)) {
      const id = idOf(path)
      if (!files.has(id)) files.set(id, path)
    }
  return files
}

/** A file that a scan would refuse for its place; one of no such folder is judged by the end of its path. */
function refuseElsewhere(path: string, roots: readonly string[]): void {
  const root = roots.find((one) => path.startsWith(one + sep))
  const { shown, parts } =
    root === undefined ? { shown: partsOf(path).join('/'), parts: partsOf(path) } : place(root, path)
  refuseMisplaced(root === undefined ? basename(path) : shown, parts)
}

/** The provider that the path names is the table's, or the path does not end as that of a rule does. */
function refuseGuessed(
  { rule }: ReadyRule,
  path: string,
  roots: readonly string[],
  catalogue: LakeCatalogue,
): void {
  if (roots.some((one) => path.startsWith(one + sep))) return
  if (rule.provider !== catalogue.shapes.get(rule.resource)?.provider) refuseMisplaced(basename(path), [])
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
  if (isFact(path))
    throw new StanceError('RULE_FILE_PLACE', `${basename(path)} lies where a fact does, and is no rule.`, {
      next: '`stance rules test <file>` proves a fact; `stance tables show <table>` shows its column.',
    })
  const parts = partsOf(path)
  const shown = parts.length === 3 ? `${parts.join('/')}${path.slice(path.lastIndexOf('.'))}` : basename(path)
  const { unit, origin } = await readUnitFile(path, shown, ruleFile)
  const id = idOf(path)
  const [provider = '', service = ''] = parts
  const rule: Rule = { ...unit, id, id_seed: unit.formerly[0] ?? id, provider, service, origin }
  const ready = refusingViews(() => buildRuleSet(catalogue.shapes, [rule], [])).rules.get(id)
  if (ready === undefined) throw new Error(`the rule ${id} is in its own set`)
  return ready
}

/** The same, told as it is called where the person stands: an editor opens it from there. */
export async function readRuleFrom(path: string, cwd: string, catalogue: LakeCatalogue): Promise<ReadyRule> {
  try {
    return await readRule(path, catalogue)
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    const { message, next, details } = error
    const from = (text: string) => text.replaceAll(shownIn(path), () => `${relative(cwd, path)}:`)
    const problems = details.problems as { message: string; next: string }[] | undefined
    throw new StanceError(error.code, from(message), {
      next,
      cause: error,
      details: {
        ...details,
        ...(problems && { problems: problems.map((one) => ({ ...one, message: from(one.message) })) }),
      },
    })
  }
}

async function filesOf(
  paths: readonly string[],
  cwd: string,
  onBroken: (error: StanceError) => void,
): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const full = resolve(cwd, path)
    const about = await stat(full).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
        throw new StanceError('RULE_DIRECTORY', `There is no file and no folder ${full}.`, {
          next: 'Name a rule file, or a folder of them.',
          cause,
        })
      throw new StanceError('RULE_DIRECTORY', `${full} cannot be read.`, {
        next: 'Name a rule file, or a folder of them.',
        cause,
      })
    })
    if (!about.isDirectory() && !/\.ya?ml$/.test(full))
      throw new StanceError('RULE_DIRECTORY', `${full} is no rule file: its name does not end in .yaml.`, {
        next: 'Name a rule file, or a folder of them.',
      })
    if (about.isDirectory()) files.push(...(await ruleFiles(full, onBroken)))
    else files.push(full)
  }
  return files
}

/** What the settings say of rules and cannot be meant, as a scan would tell it. */
export async function lintSettings(settings: RunSettings['rules'], file: string): Promise<LintProblem[]> {
  const problems: LintProblem[] = []
  await loadDeclared(settings, ({ code, message, next, details }) => {
    if (details.setting === undefined) return
    problems.push({ file, rule_id: '', code, message, next, excerpt: String(details.excerpt ?? '') })
  })
  return problems
}

/** The folders that rules come from: ours, and those that settings name. */
export function ruleDirectories(own: readonly string[]): string[] {
  return [shippedRules, ...own]
}

/** The folders of all rules and facts; facts come with Stance only. */
export function unitDirectories(own: readonly string[]): string[] {
  return [...ruleDirectories(own), shippedFacts]
}
