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

const cliOf = ({ fix }: Unit) => (fix as { cli: string }).cli.trimEnd()

/** The files that a fix's commands name in such a place. */
function named(commands: readonly string[], place: RegExp): string[] {
  return commands
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => [...line.matchAll(place)].map(([, one, other]) => one ?? other ?? ''))
    .filter((file) => file !== '' && !file.startsWith('&'))
}

/** Calls with a default that makes another finding, or that have no region of their own to go to. */
const assumed: readonly (readonly [RegExp, string])[] = [
  [/\belbv2 create-listener .*HTTPS/, '--ssl-policy'],
  [/\bec2 create-volume\b/, '--volume-type'],
  [/\bcloudtrail (create|update|describe)-trails? .*--(is-multi-region|include-shadow)/, '--region'],
  [/\bs3control\b/, '--region'],
  [/\bsts assume-root\b/, '--region'],
]

const interrupting =
  /\b(?:stop-instances|revoke-security-group-(?:in|e)gress|put-public-access-block|create-network-acl-entry|detach-(?:role|user|group)-policy|delete-route|disassociate-address|put-bucket-ownership-controls|put-bucket-policy|put-bucket-acl|put-key-policy|update-assume-role-policy|create-policy-version|modify-listener|http-tokens required)\b/

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
    const look = (unit: Unit) =>
      cliOf(unit)
        .split('\n')
        .filter(
          (line) => !/^(aws [a-z0-9]|base64 | {2})|^# [\w ,.:/-]+$/.test(line) || /; aws |, then /.test(line),
        )
    expect(complaints(rules, look)).toEqual([])
    const place = await mkdtemp(join(tmpdir(), 'stance-fixes-'))
    const file = join(place, 'fixes.sh')
    await writeFile(file, rules.map(({ path, unit }) => `# ${path}\n${cliOf(unit)}\n`).join(''))
    if (process.platform !== 'win32') expect(() => execFileSync('sh', ['-n', file])).not.toThrow()
    await rm(place, { recursive: true })
  })

  it('mend by files of their own: no fix puts what another fetched, or a read that failed left empty', () => {
    const look = (unit: Unit, path: string) => {
      const commands = cliOf(unit)
        .replaceAll(/ *\\\n */g, ' ')
        .split('\n')
      const read = named(commands, /file:\/\/(\S+)/g)
      const written = named(commands, /> (\S+)|--outfile (\S+)/g)
      const fetched = commands.filter((line) => / > \S/.test(line) && !/\| base64 |^base64 /.test(line))
      return [
        ...[...read, ...written, ...named(commands, /(?<=< |\brm )(\S+)/g)]
          .filter((file) => !file.startsWith(`${idOf(path)}.`))
          .map((file) => `${file} is not named after the rule`),
        ...read.filter((file) => !written.includes(file)).map((file) => `nothing writes ${file}`),
        ...fetched
          .filter((line) => !/ > (\S+) \|\| rm \1$/.test(line))
          .map((line) => `where it fails, an empty file stays: ${line}`),
      ]
    }
    expect(complaints(rules, look)).toEqual([])
  })

  it('mend with what AWS would else assume, or not know', () => {
    const look = (unit: Unit) => {
      const commands = cliOf(unit)
        .replaceAll(/ *\\\n */g, ' ')
        .split('\n')
      return assumed.flatMap(([call, option]) =>
        commands
          .filter((line) => call.test(line) && !line.startsWith('#') && !line.includes(option))
          .map((line) => `${option}: ${line}`),
      )
    }
    expect(complaints(rules, look)).toEqual([])
  })

  it('mend nothing that runs without saying before it what ends', () => {
    const look = (unit: Unit) => {
      const [before = '', ...after] = cliOf(unit).split(interrupting)
      return after.length > 0 && !/^# /m.test(before)
        ? ['a command that interrupts has no word before it']
        : []
    }
    expect(complaints(rules, look)).toEqual([])
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
