import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Stance } from '../../src/run/open-stance.ts'
import type { ScanEvent } from '../../src/run/scan.ts'
import { longest } from '../setup/test-database.ts'
import { beforeTransactions } from './before-transactions.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'

const options = { copies: 'one for all', read: 'little' } as const
eachScannedStore('a scan in which something of ours fails', options, (scanned) => {
  const error = new Error('out of order')
  const services = ['kms', 's3']

  it.each<[string, (stance: Stance) => Stance]>([
    ['the plan', (stance) => ({ ...stance, db: refusing(stance, /^plan /) })],
    [
      'the write of a cell',
      (stance) => ({ ...stance, db: refusing(stance, /^(cell aws_kms_key |\d+ cells of )/) }),
    ],
    [
      'a judgement',
      (stance) => ({ ...stance, judge: { ...stance.judge, evidenceOf: () => Promise.reject(error) } }),
    ],
  ])('says so, with nothing left under way: %s', { timeout: longest }, async (_, fail) => {
    const { estate, stance } = scanned()
    const events: ScanEvent[] = []
    const report = (event: ScanEvent) => events.push(event)
    // One list is still under way whenever it fails.
    const faults = 's3:ListBuckets=slow(20s) *=slow(20ms)'
    const options = { report, faults, narrowing: { accounts: [good], services } }
    await expect(estate.scan(fail(stance), options)).rejects.toBe(error)
    const told = events.length
    await sleep(300)
    expect(events.length, 'nobody goes on').toBe(told)
    const planned = events.find((event) => event.kind === 'planned')
    const ended = events.filter(({ kind }) => kind === 'cell_ended')
    expect(ended.length).toBeLessThan(planned?.cells ?? 1)
    expect(await stance.db.query('select holder from stance.cell_lease')).toEqual([])
    const scans = await stance.db.query('select state from stance.scan order by started_at nulls last')
    expect(scans.at(-1)).toEqual({ state: 'failed' })
  })

  it('stands in the way of none after it', { timeout: longest }, async () => {
    const { estate, stance } = scanned()
    expect(await estate.scan(stance, { narrowing: { services } })).toMatchObject({ state: 'done' })
    expect(await lakeProblems(stance)).toEqual([])
  })

  const refusing = ({ db }: Stance, labels: RegExp) =>
    beforeTransactions(db, labels, () => Promise.reject(error))
})
