import { expect, it } from 'vitest'
import { exitCode } from '../../src/cli/run-scan.ts'
import type { ScanNarrowing } from '../../src/run/scan.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'

eachScannedStore('a connection that cannot be used', { copies: 'one for all' }, (scanned) => {
  it('is no green end, also where nothing is known of what lies behind it', {
    timeout: longest,
  }, async () => {
    const { estate, stance } = scanned()
    const ended = async (narrowing: ScanNarrowing) => {
      const record = await estate.scan(stance, { narrowing })
      const summary = await summarizeScan(stance.db, stance.set, record, narrowing)
      return { unlisted: summary.unlisted, code: exitCode(summary, 'critical', true) }
    }
    const kms = { services: ['kms'] }
    expect(await ended(kms)).toEqual({ unlisted: [], code: 0 })

    const [first] = estate.settings.connections
    // Nobody listens there.
    const second = { ...first!, name: 'second', endpoint: 'http://127.0.0.1:1', organization: false }
    estate.settings.connections = [first!, second]
    const { unlisted, code } = await ended(kms)
    expect(unlisted).toEqual([
      {
        connection: 'second',
        code: 'COLLECT_UNREACHABLE',
        message: expect.any(String),
        next: expect.any(String),
      },
    ])
    expect(code).toBe(3)
    // It has nothing of what was asked for.
    expect(await ended({ ...kms, accounts: [good] })).toEqual({ unlisted: [], code: 0 })
  })
})
