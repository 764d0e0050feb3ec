import { expect, it } from 'vitest'
import { loadConfig } from './load-config.ts'
import { secretsOf } from './secrets-of.ts'

it('finds a password that keeps its address from being parsed', () => {
  const config = loadConfig({ env: {}, cwd: '/nowhere' })
  for (const word of ['hunt/er2pw', 'hunt#er2pw', '123/x', 'hunt@er2pw']) {
    config.database.url = `postgres://me:${word}@db/x`
    expect(secretsOf(config), word).toContain(word)
  }
})

it('refuses an address that can be read in two ways before any part of it is printed', () => {
  for (const word of ['hunt@er2/pwxyz', '123/x', '12?x', '12#x']) {
    const DATABASE_URL = `postgres://me:${word}@127.0.0.1:1/x`
    let said = ''
    try {
      loadConfig({ env: { DATABASE_URL }, cwd: '/nowhere' })
    } catch (error) {
      said = JSON.stringify(error)
    }
    expect(said, word).toMatch(/CONFIG_INVALID.*(two ways|must be an address)/)
    expect(said).not.toContain(word.slice(-2) + '@')
    expect(said).not.toContain('pwxyz')
  }
  const env = { DATABASE_URL: 'postgres://db.example.com/x?user=me@server' }
  expect(loadConfig({ env, cwd: '/nowhere' }).database.url).toBe(env.DATABASE_URL)
})

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
