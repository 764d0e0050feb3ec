import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyDemoDirectory } from '../../src/run/demo-directory.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

let place: Awaited<ReturnType<typeof makeWorkplace>>
beforeEach(async () => {
  place = await makeWorkplace('data_directory: .\n')
})
afterEach(() => place.remove())

const at = (...names: string[]) => join(place.cwd, ...names)
const mine = async (...names: string[]) => {
  await mkdir(join(at(...names), '..'), { recursive: true })
  await writeFile(at(...names), 'mine')
}

it('the demo refuses a folder of its name that it did not make', async () => {
  const files = ['secret.key', 'stance.duckdb', 'stance.duckdb.wal']
  for (const file of files) await mine('stance-demo', file)
  const { code, stderr } = await stance(['demo'], place.cwd)
  expect(code).toBe(2)
  expect(stderr).toContain('DEMO_DIRECTORY')
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('Nothing has been removed.')
  expect((await readdir(at('stance-demo'))).sort()).toEqual(files)
})

it('the demo refuses its folder where something else has been put into it, and says what', async () => {
  emptyDemoDirectory(at('stance-demo'))
  const own = ['secret.key', 'stance.duckdb', 'stance.duckdb.tmp/copy-0123456789ab.duckdb']
  for (const file of own) await mine('stance-demo', file)
  const foreign = [
    'slides.txt',
    'stance.duckdb.tmp/slides.txt',
    'stance.duckdb.share/keys/one',
    '.stance-spools-AbCd12/report',
    'stance.duckdb.bak',
  ]
  for (const file of foreign) {
    await mine('stance-demo', file)
    const { code, stderr } = await stance(['demo'], place.cwd)
    expect(code).toBe(2)
    expect(stderr.replaceAll(/\s+/g, '')).toContain(`notmake:${file.replace('/one', '')}.`)
    expect(await readFile(at('stance-demo', file), 'utf8')).toBe('mine')
    expect(await readFile(at('stance-demo', 'secret.key'), 'utf8')).toBe('mine')
    await rm(at('stance-demo', file))
    if (file.includes('keys')) await rm(at('stance-demo/stance.duckdb.share/keys'), { recursive: true })
  }
  emptyDemoDirectory(at('stance-demo'))
  expect(await readdir(at('stance-demo'))).toEqual(['.made-by-stance-demo'])
})
