import { readdir } from 'node:fs/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { SharedReads } from '../../src/collect/kernel/shared-reads.ts'
import { isSpoolDirectory } from '../../src/run/spool-directory.ts'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { accounts } from './estate.ts'

const options = { copies: 'one each', engines: ['duckdb'] } as const
eachScannedStore('what the cells of an account share', options, (scanned) => {
  afterEach(() => void vi.restoreAllMocks())

  const spools = async () => {
    const all = await readdir(scanned().estate.settings.data_directory)
    return all.filter(isSpoolDirectory)
  }

  it('is let go when the last of them has ended', { timeout: longest }, async () => {
    const { estate, stance } = scanned()
    const released: { account: string; before: string[]; after: string[] }[] = []
    const ended: string[] = []
    const { release } = SharedReads.prototype
    vi.spyOn(SharedReads.prototype, 'release').mockImplementation(async function (
      this: SharedReads,
      account,
    ) {
      const before = [...this.held.keys()]
      expect(await spools()).toHaveLength(1)
      expect(ended.filter((one) => one === account)).toHaveLength(planned)
      await release.call(this, account)
      released.push({ account, before, after: [...this.held.keys()] })
    })
    let planned = 0
    const { state } = await estate.scan(stance, {
      narrowing: { services: ['iam'] },
      report(event) {
        if (event.kind === 'planned') planned = event.cells / accounts.length
        if (event.kind === 'cell_ended') ended.push(event.cell.account_id)
      },
    })
    expect(state).toBe('done')
    expect(planned).toBeGreaterThan(3)
    expect(released.map(({ account }) => account).sort()).toEqual([...accounts])
    for (const { account, before, after } of released) {
      expect(before).toContain(account)
      expect(after).not.toContain(account)
    }
    expect(await spools()).toEqual([])
  })

  it('is let go by a scan that is stopped', { timeout: longest }, async () => {
    const { estate, stance } = scanned()
    const stop = new AbortController()
    let shared: SharedReads | undefined
    const { source } = SharedReads.prototype
    vi.spyOn(SharedReads.prototype, 'source').mockImplementation(function (this: SharedReads, ...args) {
      shared = this
      return source.apply(this, args)
    })
    const { state } = await estate.scan(stance, {
      narrowing: { services: ['iam'] },
      signal: stop.signal,
      report: (event) => {
        if (event.kind === 'cell_ended' && shared !== undefined) stop.abort()
      },
    })
    expect(state).toBe('interrupted')
    expect([...(shared?.held ?? ['nobody asked'])]).toEqual([])
    expect(await spools()).toEqual([])
  })
})
