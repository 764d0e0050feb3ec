import { expect, it } from 'vitest'
import { loadConfig } from './load-config.ts'
import { secretsOf } from './secrets-of.ts'

it('finds passwords, as written and decoded, and external ids', () => {
  const env = {
    DATABASE_URL: 'postgres://me:p%40ssword@db/x',
    HTTPS_PROXY: 'http://me:proxy-word@proxy:3128',
    HTTP_PROXY: 'http://proxy:3128',
  }
  const config = loadConfig({ env, cwd: '/nowhere' })
  config.connections[0]!.external_id = 'shared-with-us'
  expect(secretsOf(config).sort()).toEqual(['p%40ssword', 'p@ssword', 'proxy-word', 'shared-with-us'])
})
