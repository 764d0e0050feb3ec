import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeWorkplace, startStance } from './stance-process.fixture.ts'

it.skipIf(process.platform === 'win32')('what Stance makes can be read by its user alone', async () => {
  const place = await makeWorkplace(
    'database: { path: open/to/stance.duckdb }\nconnections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n',
  )
  // As most systems have it, and a folder that others may enter.
  const before = process.umask(0o022)
  try {
    await mkdir(join(place.cwd, 'open/to'), { recursive: true, mode: 0o755 })
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-key' }
    // The log of the database is made by the engine, and gone when it is closed: so the mask itself is looked at.
    const mask = 'process.on("exit",()=>console.error("mask",process.umask().toString(8)))'
    const env = { ...keys, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(mask)}` }
    const scanned = await startStance(['scan'], place.cwd, env).ended
    expect(scanned.stderr).toContain('mask 77')
    await startStance(['backup', 'open/copies/one.duckdb'], place.cwd, keys).ended
    await startStance(['init', 'another.yaml'], place.cwd, keys).ended
    const made = (await readdir(place.cwd, { recursive: true })).filter(
      (name) => !['stance.yaml', 'open', 'open/to'].includes(name),
    )
    expect(made).toEqual(
      expect.arrayContaining(['another.yaml', 'open/to/stance.duckdb', 'open/copies/one.duckdb']),
    )
    for (const name of made)
      expect([name, (await stat(join(place.cwd, name))).mode & 0o077]).toEqual([name, 0])
  } finally {
    process.umask(before)
    await place.remove()
  }
})
