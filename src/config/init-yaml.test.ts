import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { initYaml } from './init-yaml.ts'
import { loadConfig } from './load-config.ts'
import { namedSettings } from './walk-settings.ts'

async function load(yaml: string) {
  const cwd = await mkdtemp(join(tmpdir(), 'stance-init-'))
  try {
    await writeFile(join(cwd, 'stance.yaml'), yaml)
    const { file: _file, ...config } = loadConfig({ env: {}, cwd })
    return JSON.parse(JSON.stringify(config).replaceAll(cwd, '')) as typeof config
  } finally {
    await rm(cwd, { recursive: true })
  }
}

it('is valid as it is, and says nothing but the defaults', async () => {
  expect(await load(initYaml())).toEqual(await load(''))
})

it('is valid with every setting uncommented, so every example is a good one', async () => {
  const isSetting = /^( *)# ((?:- )?[a-z_]+: )/
  const uncommented = initYaml()
    .split('\n')
    .map((line) => line.replace(isSetting, '$1$2'))
    .join('\n')
  const config = await load(uncommented)
  expect(config.connections).toMatchObject([
    {
      name: 'production',
      profile: 'audit',
      role_arn: 'arn:aws:iam::{account}:role/stance',
      external_id: 'from-the-trust-policy',
    },
  ])
  expect(config.rules.params).toEqual({ 'aws-iam-access-key-is-rotated': { max_age_days: 60 } })
})

it('has every setting there is', () => {
  for (const { path } of namedSettings()) {
    expect(initYaml(), path.join('.')).toContain(`# ${path.at(-1)}: `)
  }
})
