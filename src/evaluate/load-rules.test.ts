import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadFacts } from './load-rules.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-facts-'))
  await mkdir(join(directory, 'aws', 'aws_instance'), { recursive: true })
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const fact = (more: string) => `title: Runs somewhere
when: instance_id <> ''
${more}proofs: { 'true': [{ instance_id: i-1 }], 'false': [{ instance_id: '' }] }
`

it('takes a fact, and refuses one that looks into other accounts, at its line', async () => {
  const file = join(directory, 'aws', 'aws_instance', 'is_there.yaml')
  await writeFile(file, fact(''))
  expect(await loadFacts([directory])).toMatchObject([{ table: 'aws_instance', column: 'is_there' }])
  await writeFile(file, fact('across: accounts\n'))
  await expect(loadFacts([directory])).rejects.toMatchObject({
    code: 'RULE_FILE_CONTENT',
    message: expect.stringMatching(
      /aws_instance\/is_there\.yaml:3: `across` cannot be said here: a fact looks at its own account only/,
    ),
  })
})
