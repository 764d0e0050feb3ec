import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'

type Made = { value: unknown } | { failed: string }

/** What the first test file of a run that asks for it makes, and all others of the run get: JSON. */
export async function makeOnce<T>(name: string, make: () => Promise<T>): Promise<T> {
  const path = join(inject('sharedDirectory'), name)
  const isFirst = await mkdir(`${path}.lock`).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return false
    },
  )
  if (isFirst) await leave(path, await make().then((value) => ({ value }), toFailed))
  for (;;) {
    const made = await readFile(`${path}.json`, 'utf8').catch(() => undefined)
    if (made === undefined) {
      await sleep(100)
      continue
    }
    const found = JSON.parse(made) as Made
    if ('failed' in found) throw new Error(`${name} could not be made: ${found.failed}`)
    return found.value as T
  }
}

function toFailed(error: unknown): Made {
  return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

async function leave(path: string, made: Made): Promise<void> {
  await writeFile(`${path}.part`, JSON.stringify(made))
  await rename(`${path}.part`, `${path}.json`)
}
