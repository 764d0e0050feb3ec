import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../scripts/run-tool.ts'
import { filesBelow } from '../../scripts/source-files.ts'

const fixes = await Promise.all(
  (await filesBelow('rules', '.yaml')).map(async (path) => {
    const { fix } = parse(await readFile(join(root, path), 'utf8')) as { fix: { cli: string } }
    return { path, lines: fix.cli.split('\n') }
  }),
)

/** What takes something away, and the commands before it that say what there is. */
const named: readonly (readonly [RegExp, (kind: string) => RegExp])[] = [
  [/\baws iam detach-(user|role|group)-policy /, (kind) => new RegExp(`list-attached-${kind}-policies `)],
  [/\baws iam (?:delete|put)-(user|role|group)-policy /, (kind) => new RegExp(`list-${kind}-policies `)],
  [/\baws iam remove-(user)-from-group /, () => /list-groups-for-user /],
]

it('a fix takes away what a command before it has named, and no policy that only many have', () => {
  const blind: string[] = []
  let seen = 0
  for (const { path, lines } of fixes)
    for (const [nr, line] of lines.entries())
      for (const [taking, naming] of named) {
        const kind = taking.exec(line)?.[1]
        if (kind === undefined) continue
        seen++
        const before = lines.slice(0, nr).join('\n')
        const arn = /--policy-arn (arn:\S+)/.exec(line)?.[1]
        const isNamed =
          arn === undefined
            ? naming(kind).test(before)
            : before.includes(`list-entities-for-policy --policy-arn ${arn}`)
        if (!isNamed) blind.push(`${path}: ${line}`)
      }
  expect(seen).toBeGreaterThan(15)
  expect(blind).toEqual([])
})

it('a fix leads to HTTPS only where something listens', () => {
  const leading = fixes.filter(({ lines }) => /Type=redirect.*Protocol=HTTPS/.test(lines.join('\n')))
  expect(leading.length).toBeGreaterThan(0)
  for (const { path, lines } of leading) {
    const at = (words: RegExp) => lines.findIndex((line) => words.test(line))
    expect(at(/create-listener .*--protocol HTTPS/), path).toBeGreaterThan(-1)
    expect(at(/create-listener/), path).toBeLessThan(at(/Type=redirect/))
  }
})
