import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownCommand } from './own-command.ts'

const clone = '/opt/me/stance'
const file = join(clone, 'src/cli/own-command.ts')

it.each([
  [clone, 'npx stance'],
  [join(clone, 'docs'), 'npx stance'],
  // npx would fetch a package of that name.
  ['/opt/me', 'node /opt/me/stance/bin/stance.js'],
  ['/opt/me/stance-data', 'node /opt/me/stance/bin/stance.js'],
])('in %s is %s', (cwd, command) => {
  expect(ownCommand(cwd, file)).toBe(command)
})

it('quotes a clone with a blank in its name, and is itself where it was installed', () => {
  const blank = '/opt/me/my stance/src/cli/own-command.ts'
  expect(ownCommand('/opt/me', blank)).toBe(`node '/opt/me/my stance/bin/stance.js'`)
  expect(ownCommand('/opt/me', '/usr/lib/node_modules/stance/dist/cli/own-command.js')).toBe('stance')
})
