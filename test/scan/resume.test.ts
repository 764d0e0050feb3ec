import { expect, it } from 'vitest'
import type { ScanOptions } from '../../src/run/scan.ts'
import type { ScanRecord } from '../../src/run/scan-record.ts'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'

const day = 86_400_000

eachScannedStore('a scan that goes on', { copies: 'one for all' }, (scanned) => {
  it('takes up the last one that was cut off, and those that it took up itself', {
    timeout: longest,
  }, async () => {
    const old = await run({ stopAfter: 6 })
    scanned().estate.clock.skip(31 * day)
    const cut = await run({ stopAfter: 6 })
    expect(cut.cells).toBe(old.cells)
    const again = await run({ resume: true, stopAfter: 3 })
    expect(again.record.resumed_from).toEqual(cut.record.started_at)
    expect(again.cells).toBeLessThan(cut.cells - 3)
    const last = await run({ resume: true })
    expect(last.record).toMatchObject({ state: 'done', resumed_from: cut.record.started_at })
    expect(last.cells).toBeLessThan(again.cells)
    const closed = await scanned().stance.db.query('select distinct closed_as from stance.finding_closed')
    expect(closed, 'everything is still there').not.toContainEqual({ closed_as: 'gone' })
    const fresh = await run({ resume: true })
    expect(fresh.record.resumed_from).toBeUndefined()
    expect(fresh.cells).toBe(cut.cells)
  })

  it('takes up one that was cut off, past narrower ones that were done since', {
    timeout: longest,
  }, async () => {
    const { estate, stance } = scanned()
    const cut = await run({ stopAfter: 6 })
    await estate.scan(stance, { narrowing: { services: ['kms'] } })
    const last = await run({ resume: true })
    expect(last.record).toMatchObject({ state: 'done', resumed_from: cut.record.started_at })
    expect(last.cells).toBeLessThan(cut.cells)
    const nothing = { services: ['kms'], rules: ['aws-s3-bucket-keeps-versions'] }
    await expect(estate.scan(stance, { narrowing: nothing })).rejects.toMatchObject({ code: 'SCAN_NOTHING' })
    expect((await run({ resume: true })).record.resumed_from).toBeUndefined()
  })

  it('reads again what was read long ago', { timeout: longest }, async () => {
    const cut = await run({ stopAfter: 6 })
    scanned().estate.clock.skip(31 * day)
    const late = await run({ resume: true })
    expect(late.record.resumed_from).toEqual(cut.record.started_at)
    expect(late.cells).toBe(cut.cells)
  })

  async function run({
    stopAfter = Number.POSITIVE_INFINITY,
    ...options
  }: Partial<ScanOptions> & { stopAfter?: number }): Promise<{ record: ScanRecord; cells: number }> {
    const { estate, stance } = scanned()
    const stop = new AbortController()
    let [cells, ended] = [0, 0]
    const record = await estate.scan(stance, {
      ...options,
      narrowing: { services: ['ec2'] },
      signal: stop.signal,
      report: (event) => {
        if (event.kind === 'planned') cells = event.cells
        if (event.kind === 'cell_ended' && ++ended === stopAfter) stop.abort()
      },
    })
    expect(record.state).toBe(Number.isFinite(stopAfter) ? 'interrupted' : 'done')
    return { record, cells }
  }
})
