import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plainSettings } from '../../test/setup/plain-settings.ts'
import { diagnose } from './diagnose.ts'

it.skipIf(process.platform !== 'linux')(
  'a directory that nobody can make is told, whatever its rights say',
  async () => {
    const settings = plainSettings('/proc/stance-none')
    const store = { path: '/proc/stance-none/stance.duckdb', memory_limit: 'automatic' as const }
    const told: string[] = []
    for await (const found of diagnose({ settings, store, signal: AbortSignal.abort() }))
      if (found.state === 'problem') told.push(found.about)
    expect(told).toEqual(expect.arrayContaining(['data directory', 'database']))
  },
)

it.skipIf(process.platform === 'win32')(
  'a data directory that others can enter is to be shut where it is all of Stance, and no other',
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'stance-doctor-'))
    await chmod(path, 0o755)
    const first = async () => {
      const settings = plainSettings(path)
      const store = { path: join(path, 'stance.duckdb'), memory_limit: 'automatic' as const }
      for await (const found of diagnose({ settings, store, signal: AbortSignal.abort() })) return found
      return undefined
    }
    try {
      const about = 'data directory'
      for (const name of ['stance.duckdb', 'stance.duckdb.wal', 'secret.key'])
        await writeFile(join(path, name), '')
      expect(await first()).toMatchObject({ about, state: 'warning', next: `chmod 700 ${path}` })
      await writeFile(join(path, 'passwd'), '')
      const mixed = await first()
      expect(mixed).toMatchObject({ about, state: 'warning' })
      expect(mixed?.next).toContain('data_directory')
      expect(mixed?.next).not.toContain('chmod')
      await chmod(path, 0o700)
      expect(await first()).toMatchObject({ about, state: 'ok' })
    } finally {
      await rm(path, { recursive: true })
    }
  },
)
