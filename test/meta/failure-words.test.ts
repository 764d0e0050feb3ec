import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { productFiles } from '../../scripts/source-files.ts'
import { failureWords } from '../../src/core/failure-words.ts'

/** Never kept: a cell that was given up stays as it was. */
const neverShown = new Set(['CANCELLED'])

it('each code of what could not be read has words for people', async () => {
  const named = new Set<string>()
  for (const file of await productFiles()) {
    if (!/^src\/(collect|lake|run)\//.test(file)) continue
    const text = await readFile(file, 'utf8')
    for (const [, code = ''] of text.matchAll(/\bcode: '([A-Z][A-Z0-9_]+)'/g)) named.add(code)
  }
  expect(named.size).toBeGreaterThan(30)
  const without = [...named].filter((code) => failureWords[code] === undefined && !neverShown.has(code))
  expect(without).toEqual([])
  // Words of a code that nothing names any more would rot.
  const sources = (await Promise.all((await productFiles()).map((file) => readFile(file, 'utf8')))).join('\n')
  const rotten = Object.keys(failureWords).filter((code) => !sources.includes(`'${code}'`))
  expect(rotten).toEqual([])
})
