import { readdirSync, rmSync, statfsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { isAlive } from './is-alive.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of this run: where databases lie, and where test files leave what others of them can use. */
    sharedDirectory: string
  }
}

export default async function sharedDirectory(project: TestProject): Promise<() => Promise<void>> {
  const place = quickPlace()
  removeLeftovers(place)
  const directory = await mkdtemp(join(place, `stance-test-shared-${process.pid}-`))
  project.provide('sharedDirectory', directory)
  return () => rm(directory, { recursive: true, force: true })
}

/**
 * In memory, where the machine has room there: a scan waits for the disk hundreds of times, once for each transaction. No
 * test can see the difference, for a process that is killed loses nothing that it has written either way.
 */
function quickPlace(): string {
  const memory = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize > 4 * 2 ** 30 ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** A run that was killed leaves its directory; the name says whose it was. */
function removeLeftovers(place: string): void {
  for (const name of readdirSync(place)) {
    const [, owner] = /^stance-test-shared-(\d+)-/.exec(name) ?? []
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(place, name), { recursive: true, force: true })
  }
}
