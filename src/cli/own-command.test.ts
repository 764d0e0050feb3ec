import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownCommand } from './own-command.ts'

const clone = '/home/me/stance'
const file = join(clone, 'src/cli/own-command.ts')

it.each([
  [clone, 'npx stance'],
  [join(clone, 'docs'), 'npx stance'],
  // npx would fetch a package of that name.
  ['/home/me', 'node /home/me/stance/bin/stance.js'],
  ['/home/me/stance-data', 'node /home/me/stance/bin/stance.js'],
])('in %s is %s', (cwd, command) => {
  expect(ownCommand(cwd, file)).toBe(command)
})

it('quotes a clone with a blank in its name, and is itself where it was installed', () => {
  const blank = '/home/me/my stance/src/cli/own-command.ts'
  expect(ownCommand('/home/me', blank)).toBe(`node '/home/me/my stance/bin/stance.js'`)
  expect(ownCommand('/home/me', '/usr/lib/node_modules/stance/dist/cli/own-command.js')).toBe('stance')
})
