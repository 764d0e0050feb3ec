import { readFile } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { findMoto, startMoto, sweepLeftovers } from './moto-process.ts'

/**
 * `url`: the emulator runs there. `missing`: this machine has none. `idle`: no test file of this run speaks
 * of it, so it was not started.
 */
export type MotoState = { url: string } | 'missing' | 'idle'

declare module 'vitest' {
  interface ProvidedContext {
    moto: MotoState
    /** The same as a plain string, null where there is none. */
    motoUrl: string | null
  }
}

/** Vitest's global setup: one moto server for the whole run. */
export default async function setup(project: TestProject): Promise<undefined | (() => Promise<void>)> {
  const provide = (state: MotoState) => {
    project.provide('moto', state)
    project.provide('motoUrl', typeof state === 'string' ? null : state.url)
  }
  await sweepLeftovers()
  const suites = await suitesThatNeedMoto(project)
  const command = await findMoto()
  if (command === undefined) {
    provide('missing')
    complain(suites)
    return undefined
  }
  if (suites.length === 0) {
    provide('idle')
    return undefined
  }
  const moto = await startMoto(command)
  provide({ url: moto.url })
  return moto.stop
}

/** Test files of this run that speak of moto (relative to the root). Those that do not cost no start. */
async function suitesThatNeedMoto(project: TestProject): Promise<string[]> {
  // Internal to Vitest: the names typed behind `vitest run`. Were it gone, every test file would be looked at.
  const { filenamePattern } = project.vitest as unknown as { filenamePattern?: string[] }
  const specifications = await project.vitest.globTestSpecifications(filenamePattern)
  const needing: string[] = []
  for (const { moduleId } of specifications) {
    if (/moto/i.test(await readFile(moduleId, 'utf8')))
      needing.push(moduleId.slice(project.config.root.length + 1))
  }
  return needing.sort()
}

function complain(suites: readonly string[]): void {
  if (process.env.STANCE_TEST_REQUIRE?.split(',').includes('moto')) {
    throw new Error(
      'STANCE_TEST_REQUIRE=moto, but there is no moto server: run .ci/run, or install moto[server]==5.2.1',
    )
  }
  if (suites.length === 0) return
  const line = '!'.repeat(100)
  console.warn(
    [
      line,
      'LEFT OUT: these suites need the AWS emulator moto, and this machine has none. To run them:',
      '  python3 -m venv node_modules/.cache/moto',
      "  node_modules/.cache/moto/bin/pip install 'moto[server]==5.2.1'",
      ...suites.map((suite) => `  - ${suite}`),
      line,
    ].join('\n'),
  )
}
