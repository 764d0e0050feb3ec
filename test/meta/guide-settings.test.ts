import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { initYaml } from '../../src/config/init-yaml.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { StanceError } from '../../src/core/errors.ts'
import { loadDeclared } from '../../src/run/open-stance.ts'

const guide = join(import.meta.dirname, '../../docs/guide')
const settingsIn = (page: string) =>
  [...readFileSync(join(guide, page), 'utf8').matchAll(/```yaml\n([\s\S]+?)```/g)]
    .map(([, yaml]) => yaml ?? '')
    .filter((yaml) => /^(connections|network|collect|database|rules|scan|log):/m.test(yaml))

describe('settings shown in the guide', () => {
  const pages = readdirSync(guide).filter((name) => name.endsWith('.md'))
  const examples = pages.flatMap((page) => settingsIn(page).map((yaml) => ({ page, yaml })))
  it('are there', () => expect(examples.length).toBeGreaterThan(3))

  it.each(examples)('$page is what stance.yaml may say: $yaml', ({ yaml }) => {
    const place = mkdtempSync(join(tmpdir(), 'stance-guide-'))
    writeFileSync(join(place, 'stance.yaml'), yaml)
    expect(() => loadConfig({ cwd: place, env: {} })).not.toThrow()
    rmSync(place, { recursive: true })
  })
})

it('the examples of settings name rules and columns that there are', async () => {
  const place = mkdtempSync(join(tmpdir(), 'stance-init-'))
  const uncommented = initYaml().replace(/^( *)# ((?:- )?[a-z_]+: )/gm, '$1$2')
  writeFileSync(join(place, 'stance.yaml'), uncommented)
  const { rules } = loadConfig({ cwd: place, env: {} })
  rmSync(place, { recursive: true })
  expect(rules.disabled.length * Object.keys(rules.only_on).length).toBeGreaterThan(0)
  const broken: StanceError[] = []
  await loadDeclared({ ...rules, directories: [] }, (error) => broken.push(error))
  expect(broken.map(({ message }) => message)).toEqual([])
})
