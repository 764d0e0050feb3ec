/**
 * `npm run test:citus`: the tests of the stores against the Citus that STANCE_TEST_CITUS_URL names. Its
 * schemas are dropped and made again, so the database must belong to the tests alone;
 * there is only one, so the test files run one after another.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, runTool, toolEntry } from './run-tool.ts'
import { filesBelow } from './source-files.ts'

async function storeTests(): Promise<string[]> {
  const files = [...(await filesBelow('src', '.test.ts')), ...(await filesBelow('test', '.test.ts'))]
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))
  return files.filter((_, at) => /\b(?:eachEngine|eachScannedStore|testEngines)\(/.test(texts[at]!))
}

async function main(): Promise<number> {
  if (!process.env.STANCE_TEST_CITUS_URL) {
    console.error('STANCE_TEST_CITUS_URL is not set, so there is no Citus to test on.')
    console.error('Set it to a database of the tests alone (its schemas are dropped), e.g.')
    console.error('  postgresql://postgres@127.0.0.1:5432/stance_test')
    console.error('How to make one: docs/guide/citus.md.')
    return 2
  }
  const only = process.argv.slice(2)
  const files = only.length > 0 ? only : await storeTests()
  const options = [
    '--testNamePattern',
    'on citus',
    '--no-file-parallelism',
    '--testTimeout=300000',
    '--hookTimeout=300000',
  ]
  return runTool(toolEntry('vitest', 'vitest.mjs'), ['run', ...options, ...files])
}

process.exitCode = await main()
