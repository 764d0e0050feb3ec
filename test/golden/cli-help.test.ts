import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.generated.ts'
import { stance } from '../cli/stance-process.fixture.ts'

const asked = [[], ['rules'], ['tables'], ...[...commands.keys()].map((name) => [...name.split(' '), '--help'])]

it.each(asked.map((args) => [args.join(' ') || 'stance', args] as const))('%s', async (name, args) => {
  const { code, stdout, stderr } = await stance(args, process.cwd())
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const file = name.replace(' --help', '').replaceAll(' ', '-')
  await expect(stdout).toMatchFileSnapshot(`cli-help/${file}.txt`)
})

it('fits a terminal of 80 columns', async () => {
  for (const args of asked) {
    const { stdout } = await stance(args, process.cwd(), 80)
    // Examples are to be copied, so they stay in one line.
    const lines = stripVTControlCharacters(stdout).split('\n')
    const wide = lines.filter((line) => line.length > 80 && !/^ {4}(\w+=\S+ )?stance /.test(line))
    expect(wide, args.join(' ')).toEqual([])
  }
})
