import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of this run: where test files leave what others of them can use. */
    sharedDirectory: string
  }
}

export default async function sharedDirectory(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'stance-test-shared-'))
  project.provide('sharedDirectory', directory)
  return () => rm(directory, { recursive: true, force: true })
}
