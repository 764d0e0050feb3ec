import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../scripts/run-tool.ts'
import { filesBelow } from '../../scripts/source-files.ts'

type Unit = Record<string, unknown>

async function units(folder: string): Promise<{ path: string; unit: Unit }[]> {
  const paths = await filesBelow(folder, '.yaml', '.yml')
  return Promise.all(
    paths.map(async (path) => ({ path, unit: parse(await readFile(join(root, path), 'utf8')) as Unit })),
  )
}

const rules = await units('rules')
const facts = await units('facts')
const idOf = (path: string) => path.slice('rules/'.length, -'.yaml'.length).replaceAll('/', '-')

/** What is missing or wrong, as `path: what`. */
function complaints(
  of: readonly { path: string; unit: Unit }[],
  look: (unit: Unit, path: string) => string[],
): string[] {
  return of.flatMap(({ path, unit }) => look(unit, path).map((what) => `${path}: ${what}`))
}

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== ''
const isList = (value: unknown) => Array.isArray(value) && value.length > 0

describe('rules', () => {
  it('lie in rules/<provider>/<service>/<name>.yaml, and that is their id', () => {
    const shape = /^rules\/[a-z0-9]+\/[a-z0-9-]+\/[a-z][a-z0-9-]*\.yaml$/
    expect(rules.map(({ path }) => path).filter((path) => !shape.test(path))).toEqual([])
    expect(complaints(rules, (unit) => ('id' in unit ? ['the path is the id; leave it out'] : []))).toEqual(
      [],
    )
  })

  it('have ids of their own, former ones included', () => {
    const ids = rules.flatMap(({ path, unit }) => [
      idOf(path),
      ...((unit.formerly as string[] | undefined) ?? []),
    ])
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  })

  it('never carry the number of a framework', () => {
    expect(
      rules.map(({ path }) => idOf(path)).filter((id) => /(^|-)(cis|nist|pci|iso)(-|$)|\d+-\d+/.test(id)),
    ).toEqual([])
  })

  it('mend by commands that can be pasted: what is said beside them is a comment, which no shell trips over', async () => {
    const cliOf = ({ fix }: Unit) => (fix as { cli: string }).cli.trimEnd()
    const look = (unit: Unit) =>
      cliOf(unit)
        .split('\n')
        .filter((line) => !/^(aws [a-z0-9]| {2})|^# [\w ,.:/-]+$/.test(line) || /; aws |, then /.test(line))
    expect(complaints(rules, look)).toEqual([])
    const place = await mkdtemp(join(tmpdir(), 'stance-fixes-'))
    const file = join(place, 'fixes.sh')
    await writeFile(file, rules.map(({ path, unit }) => `# ${path}\n${cliOf(unit)}\n`).join(''))
    if (process.platform !== 'win32') expect(() => execFileSync('sh', ['-n', file])).not.toThrow()
    await rm(place, { recursive: true })
  })

  it('judge a resource of their own provider', () => {
    const look = ({ resource }: Unit, path: string) =>
      String(resource).startsWith(`${path.split('/')[1]}_`) ? [] : [`resource ${String(resource)}`]
    expect(complaints(rules, look)).toEqual([])
  })

  it('say title, why, all fixes, references, controls, and prove themselves both ways', () => {
    const look = (unit: Unit) => {
      const { title, why, fix, references, nist_800_53, severity, proofs } = unit
      const fixes = (fix ?? {}) as Unit
      const proven = (proofs ?? {}) as Unit
      return [
        isText(title) && !/[.!]$/.test(String(title)) ? '' : 'title',
        isText(why) ? '' : 'why',
        ...['console', 'cli', 'terraform'].map((way) => (isText(fixes[way]) ? '' : `fix.${way}`)),
        isList(references) ? '' : 'references',
        isList(nist_800_53) ? '' : 'nist_800_53',
        severity === undefined ? 'severity' : '',
        isList(proven.pass) ? '' : 'proofs.pass',
        isList(proven.fail) ? '' : 'proofs.fail',
      ].filter((what) => what !== '')
    }
    expect(complaints(rules, look)).toEqual([])
  })
})

describe('facts', () => {
  it('lie in facts/<provider>/<table>/<column>.yaml', () => {
    const shape = /^facts\/([a-z0-9]+)\/[a-z0-9_]+\/[a-z][a-z0-9_]*\.yaml$/
    expect(facts.map(({ path }) => path).filter((path) => !shape.test(path))).toEqual([])
  })

  it('say title and condition, and prove themselves', () => {
    const look = ({ title, when, proofs }: Unit) =>
      [isText(title) ? '' : 'title', isText(when) ? '' : 'when', proofs === undefined ? 'proofs' : ''].filter(
        (what) => what !== '',
      )
    expect(complaints(facts, look)).toEqual([])
  })
})
