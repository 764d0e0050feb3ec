import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeWorkplace, stance, startStance } from './stance-process.fixture.ts'

let place: Awaited<ReturnType<typeof makeWorkplace>>
beforeAll(async () => {
  place = await makeWorkplace()
})
afterAll(() => place.remove())

it.each([
  ['{}', 'ok', 'no proxy'],
  ['{ http_proxy: "http://inner.example:3128" }', 'ok', 'proxy inner.example:3128 for http'],
  [
    '{ https_proxy: "proxy.example:3128", http_proxy: "https://user:s3cret@inner.example:3129" }',
    'ok',
    'proxy proxy.example:3128 for https, proxy inner.example:3129 for http',
  ],
  ['{ https_proxy: "socks5://user:s3cret@proxy.example:1080" }', 'problem', 'speaks socks5:'],
  ['{ http_proxy: "http://" }', 'problem', 'cannot be read'],
])('doctor says of network: %s that it is %s: %s', async (network, state, words) => {
  await writeFile(
    join(place.cwd, 'stance.yaml'),
    `network: ${network}\nconnections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1, profile: none-there }]\n`,
  )
  const { stdout, stderr } = await stance(['doctor', '--json'], place.cwd)
  const found = JSON.parse(stdout).items.find(({ about }: { about: string }) => about === 'network')
  expect(found).toMatchObject({ state, message: expect.stringContaining(words) })
  expect(stdout + stderr).not.toContain('s3cret')
})

it.each([
  [{ NODE_EXTRA_CA_CERTS: 'package.json' }, 'There is no certificate bundle /nowhere/company.pem.'],
  [{ AWS_CA_BUNDLE: '/nowhere/aws.pem' }, 'There is no certificate bundle /nowhere/aws.pem (AWS_CA_BUNDLE).'],
])('doctor says which certificates are meant with %j', async (env, message) => {
  const settings = 'network: { ca_bundle: /nowhere/company.pem }\nconnections: []\n'
  await writeFile(join(place.cwd, 'stance.yaml'), settings)
  const { stdout } = await startStance(['doctor', '--json'], place.cwd, env).ended
  const found = JSON.parse(stdout).items.find(({ about }: { about: string }) => about === 'network')
  expect(found).toMatchObject({ state: 'problem', message })
})

it('doctor says once what all accounts of a connection have in common', async () => {
  await writeFile(
    join(place.cwd, 'stance.yaml'),
    'connections: [{ profile: none-there, accounts: ["111122223333", "444455556666", "777788889999"] }]\n',
  )
  const { stdout } = await stance(['doctor', '--json'], place.cwd)
  const found = JSON.parse(stdout).items.filter(({ about }: { about: string }) =>
    about.startsWith('connection'),
  )
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({
    state: 'problem',
    message: expect.stringContaining(
      'nothing of the accounts 111122223333, 444455556666, 777788889999 can be read',
    ),
  })
})
