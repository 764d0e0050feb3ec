import { describe, expect, it } from 'vitest'
import type { ScanSummary } from '../run/summarize-scan.ts'
import { printScanSummary } from './print-scan-summary.ts'
import { Screen } from './screen/screen.ts'

const rule = 'aws-s3-bucket-blocks-public-access'
const none = { pass: 0, fail: 0, unknown: 0 }
const summary: ScanSummary = {
  scan_id: 'a',
  state: 'done',
  started_at: new Date('2026-01-01T00:00:00Z'),
  ended_at: new Date('2026-01-01T00:01:20Z'),
  narrowed_by: '',
  read_too: [],
  cells: { planned: 369, read: 369, not_due: 0, out_of_reach: 0 },
  is_first: false,
  findings: { info: none, low: none, medium: none, high: { pass: 1, fail: 2, unknown: 0 }, critical: none },
  at_least: [{ verdict: 'fail', severity: 'high', severity_max: 'critical', n: 1 }],
  events: { failed: 12, reopened: 3, resolved: 1_234, closed: 17, severity: 4 },
  newly_unknown: 0,
  known_again: 0,
  unknown_closed: 0,
  outside: { events: {}, newly_unknown: 0, known_again: 0, unknown_closed: 0 },
  resources: 12_345,
  accounts: 3,
  accounts_empty: 0,
  accounts_not_read: 1,
  accounts_left: [],
  accounts_off: [],
  unlisted: [],
  entered_none: false,
  coverage: [],
  coverage_outside: [],
  coverage_counts: { cells: { read: 365, unread: 4, excluded: 12 }, groups: { unread: 38, excluded: 1 } },
  cost: {
    calls: 12_345,
    throttles: 12,
    bytes: 123_456_789,
    operations: [
      's3',
      'ec2',
      'kms',
      'iam',
      'elasticloadbalancingv2',
      'cloudtrail',
      'sts',
      'organizations',
    ].map((service) => ({ service, operation: 'List', calls: 1_234 })),
  } as unknown as ScanSummary['cost'],
}

function print(more: Partial<ScanSummary>, columns?: number, judgedBefore = false): string[] {
  let text = ''
  const out = new Screen(
    { isTTY: columns !== undefined, columns, write: (said: string) => (text += said) },
    false,
  )
  printScanSummary(out, { ...summary, ...more }, { failOn: 'high', code: 1, failed: [], judgedBefore })
  return text.split('\n')
}

describe('the end of a scan', () => {
  it.each([60, 80])('fits %i columns', (columns) => {
    for (const narrowed_by of ['', '--region eu-west-1 --service s3'])
      for (const line of print({ narrowed_by }, columns))
        expect(line.length, line).toBeLessThanOrEqual(columns)
  })

  it('says of which accounts nothing is known', () => {
    expect(print({})).toContain('12,345 resources in 3 accounts; of 1 more account nothing could be read')
  })

  it('says that an account which was read has nothing of what was asked for', () => {
    expect(print({ accounts_not_read: 0, accounts_empty: 1 })).toContain(
      '12,345 resources in 3 accounts; 1 more account that was read has none',
    )
  })

  it('never says that nothing is new where more is unknown', () => {
    const said = (more: Partial<ScanSummary>) => print(more).join('\n').replace(/\s+/g, ' ')
    expect(said({ events: {}, newly_unknown: 88 })).toContain(
      'nothing new that fails, nothing resolved, 88 newly unknown.',
    )
    expect(said({ newly_unknown: 0 })).not.toContain('newly unknown')
  })

  it('tells what became of findings that were not asked for', () => {
    const said = (outside: ScanSummary['outside']) => print({ outside }).join('\n').replace(/\s+/g, ' ')
    expect(said({ events: { failed: 24 }, newly_unknown: 2, known_again: 3, unknown_closed: 4 })).toContain(
      'Outside of what was asked for: 24 new, 2 newly unknown, 3 no longer unknown, 4 closed that had been unknown.',
    )
    expect(said({ events: {}, newly_unknown: 0, known_again: 0, unknown_closed: 0 })).not.toContain('Outside')
  })

  it('leads to the findings of what was asked for, whatever their verdict, and never breaks a command', () => {
    const narrowed_by = `--rule ${rule}`
    expect(print({ narrowed_by }, 60)).toContain(`  stance findings --rule ${rule}`)
    const findings = { ...summary.findings, high: { pass: 2, fail: 0, unknown: 0 } }
    expect(print({ narrowed_by, findings }, 60)).toContain(`  stance findings --rule ${rule} --verdict any`)
  })

  it('says what stands of accounts that nobody reads now, and whose the numbers are then', () => {
    const left = [{ account_id: '444455556666', read_at: new Date('2026-01-01T00:00:00Z') }]
    const said = print({ accounts_left: left }).join(' ').replace(/\s+/g, ' ')
    expect(said).toContain(
      'No connection reads 444455556666 now: what was read of it until 2026-01-01 00:00 UTC',
    )
    expect(said).toContain('or in `off_accounts`: then its findings close.')
    expect(said).toContain('left out by configuration (with what earlier scans read)')
    expect(print({}).join(' ')).not.toContain('No connection reads')
  })

  it('says of a narrowed scan that rules which are new were judged outside, too', () => {
    const narrowed = (judgedBefore: boolean) =>
      print({ narrowed_by: '--service s3' }, undefined, judgedBefore).join(' ').replace(/\s+/g, ' ')
    expect(narrowed(true)).toContain('Rules that are new or changed were judged there, too')
    expect(narrowed(false)).not.toContain('Rules that are new')
  })

  it('counts the calls of the services that it does not name, and says which findings closed', () => {
    const said = print({}).join(' ')
    expect(said).toContain('2 other services 2468')
    expect(said).toContain('17 closed that failed')
  })

  it('says which of the unknown may be worse than the row they stand in', () => {
    const at_least: ScanSummary['at_least'] = [
      { verdict: 'unknown', severity: 'high', severity_max: 'critical', n: 2 },
      { verdict: 'unknown', severity: 'medium', severity_max: 'critical', n: 1 },
      { verdict: 'unknown', severity: 'low', severity_max: 'high', n: 5 },
      { verdict: 'pass', severity: 'low', severity_max: 'high', n: 9 },
    ]
    const said = print({ at_least }).join(' ').replace(/\s+/g, ' ')
    expect(said).toContain('Of the unknown, 3 may be critical, 5 may be high: whether')
    expect(print({ at_least: at_least.slice(3) }).join(' ')).not.toContain('may be')
  })
})
