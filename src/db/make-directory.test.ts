import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeDirectory } from './make-directory.ts'

it('makes what is missing, for its owner alone, and ends where that cannot be', () => {
  const place = mkdtempSync(join(tmpdir(), 'stance-directory-'))
  makeDirectory(join(place, 'a', 'b'))
  makeDirectory(join(place, 'a', 'b'))
  if (process.platform !== 'win32') expect(statSync(join(place, 'a')).mode & 0o777).toBe(0o700)
  writeFileSync(join(place, 'file'), '')
  expect(() => makeDirectory(join(place, 'file', 'c'))).toThrow()
  rmSync(place, { recursive: true })
})

// There a directory that exists answers as if it did not.
it.runIf(process.platform === 'linux')('ends in /proc', () => {
  expect(() => makeDirectory('/proc/nowhere/deeper')).toThrow(/ENOENT/)
})
