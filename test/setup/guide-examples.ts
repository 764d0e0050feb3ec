import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { tables } from '../../src/collect/tables.generated.ts'
import { loadFacts, loadRules } from '../../src/evaluate/load-rules.ts'
import { buildRuleSet, type RuleSet } from '../../src/evaluate/rule-set.ts'
import { buildCatalogue, type LakeCatalogue } from '../../src/lake/catalogue.ts'
import { shippedFacts } from '../../src/run/shipped-files.ts'

const guide = join(import.meta.dirname, '../../docs/guide')

export interface GuideExample {
  page: string
  /** `rules/aws/s3/….yaml` or `facts/…`, as its first line says. */
  path: string
  text: string
}

/** Blocks of YAML in the guide that begin with a comment that says which file they are. */
async function readExamples(): Promise<GuideExample[]> {
  const pages = (await readdir(guide)).filter((name) => name.endsWith('.md'))
  const found = await Promise.all(
    pages.map(async (page) => {
      const text = await readFile(join(guide, page), 'utf8')
      const blocks = text.matchAll(/```yaml\n(# ((?:rules|facts)\/\S+\.yaml)\n[\s\S]+?)```/g)
      return [...blocks].map(([, block = '', path = '']) => ({ page, path, text: block }))
    }),
  )
  return found.flat()
}

/** The guide's rules, and all facts: its own and those that come with Stance. Read from files, as a person's are. */
export async function loadGuideExamples(): Promise<{
  examples: GuideExample[]
  catalogue: LakeCatalogue
  set: RuleSet
}> {
  const examples = await readExamples()
  const place = await mkdtemp(join(tmpdir(), 'stance-guide-rules-'))
  afterAll(() => rm(place, { recursive: true }))
  for (const { path, text } of examples) {
    await mkdir(dirname(join(place, path)), { recursive: true })
    await writeFile(join(place, path), text)
  }
  const rules = await loadRules([join(place, 'rules')])
  const facts = await loadFacts([shippedFacts, join(place, 'facts')])
  const columns = facts.map(({ table, column, title }) => ({
    table,
    column,
    type: 'boolean' as const,
    title,
  }))
  const catalogue = buildCatalogue(tables, columns)
  return { examples, catalogue, set: buildRuleSet(catalogue.shapes, rules, facts) }
}
