import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StanceError } from '../core/errors.ts'
import type { ScanEvent } from '../run/scan.ts'
import { followScan } from './scan-progress.ts'
import { Screen } from './screen/screen.ts'

const services = [
  { service: 'ec2', cells: 300, tables: ['aws_instance'] },
  { service: 'elasticloadbalancingv2', cells: 68, tables: ['aws_lb'] },
  { service: 's3', cells: 1, tables: ['aws_s3_bucket'] },
]
const cell = (table: string, part: string) => ({ account_id: '111122223333', table, part })
const ended = (table: string, calls: number): ScanEvent => ({
  kind: 'cell_ended',
  cell: cell(table, 'eu-west-1'),
  end: { state: 'ok', listed_at: new Date(), calls: 1, throttles: 0, duration_ms: 1 },
  rows: 1,
  unread_groups: new Map() as never,
  done: 1,
  cells: 369,
  calls,
})

function follow(columns?: number, signal?: AbortSignal) {
  let text = ''
  const stream = { isTTY: columns !== undefined, columns, write: (more: string) => (text += more) }
  const err = new Screen(stream, columns !== undefined)
  const following = followScan({ out: err, err, json: false, location: '', ...(signal && { signal }) })
  return {
    ...following,
    text: () => text,
    lines: () =>
      stripVTControlCharacters(text)
        .split('\n')
        .filter((line) => line.trim() !== ''),
  }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('knows that findings changed before anything was read', () => {
  const found: ScanEvent = { kind: 'accounts_found', accounts: 1, not_entered: [], failed: [] }
  const judged = (findings_changed: number): ScanEvent => ({
    kind: 'judged',
    account_id: 'a',
    findings_changed,
  })
  const told = (...events: ScanEvent[]) => {
    const shown = follow()
    for (const event of events) shown.report(event)
    shown.end()
    return shown.judgedBefore()
  }
  expect(told(judged(3), found)).toBe(true)
  expect(told(judged(0), found, judged(3))).toBe(false)
})

describe('into a pipe', () => {
  it('says what is wrong with an organization in lines of its own, and that its accounts are read', () => {
    const shown = follow()
    const error = new StanceError('COLLECT_ORGANIZATION', 'It cannot be read.', { next: 'Allow it.' })
    shown.report({
      kind: 'accounts_found',
      accounts: 1,
      not_entered: [],
      failed: [{ connection: 'a', error }],
    })
    shown.end()
    expect(shown.lines()).toEqual([
      'Of the connection "a": It cannot be read. Allow it.',
      'Reading 1 account',
    ])
  })

  it('says how far it is every ten seconds where nothing else is said, without moving a cursor', () => {
    const shown = follow()
    vi.advanceTimersByTime(11_000)
    expect(shown.lines()).toEqual(['  Preparing … 10 s'])
    shown.report({ kind: 'accounts_found', accounts: 2, not_entered: [], failed: [] })
    shown.report({ kind: 'planned', cells: 369, not_due: 0, out_of_reach: 0, services })
    for (let nr = 0; nr < 30; nr++) {
      shown.report(ended('aws_instance', 1_234 + nr))
      vi.advanceTimersByTime(1_000)
    }
    shown.report({ kind: 'judged', account_id: '111122223333', findings_changed: 312 })
    vi.advanceTimersByTime(10_000)
    shown.end()
    vi.advanceTimersByTime(60_000)
    const [, reading, planned, ...status] = shown.lines()
    expect(reading).toBe('Reading 2 accounts')
    expect(planned).toBe('369 cells to read of ec2, elasticloadbalancingv2, s3')
    expect(status).toHaveLength(4)
    expect(status[0]).toMatch(/^ {2}\d+ of 369 cells · 1,2\d\d calls · \d+ s$/)
    expect(status.at(-1)).toMatch(/^ {2}30 of 369 cells · 1,263 calls · 312 findings new or changed · \d+ s$/)
    expect(shown.text().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  it('says nothing of preparing once it was stopped', () => {
    const stop = new AbortController()
    const shown = follow(undefined, stop.signal)
    vi.advanceTimersByTime(11_000)
    stop.abort()
    shown.report({ kind: 'accounts_found', accounts: 2, not_entered: [], failed: [] })
    shown.report({ kind: 'planned', cells: 369, not_due: 0, out_of_reach: 0, services })
    vi.advanceTimersByTime(40_000)
    shown.end()
    expect(shown.lines()).toEqual(['  Preparing … 10 s'])
  })

  it('names accounts that cannot be entered', () => {
    const shown = follow()
    shown.report({ kind: 'accounts_found', accounts: 3, not_entered: ['444455556666'], failed: [] })
    shown.end()
    expect(shown.lines()).toEqual(['Reading 3 accounts; 1 account cannot be entered: 444455556666'])
  })
})

describe('on a terminal', () => {
  it.each([40, 60, 80, 200])('of %i columns every line fits, and the number of cells is in it', (columns) => {
    const shown = follow(columns)
    shown.report({ kind: 'accounts_found', accounts: 3, not_entered: ['444455556666'], failed: [] })
    shown.report({ kind: 'planned', cells: 369, not_due: 0, out_of_reach: 0, services })
    for (const region of ['ap-southeast-1', 'eu-central-1', 'eu-west-1', 'us-east-1'])
      shown.report({
        kind: 'cell_started',
        cell: cell('aws_instance', region),
        done: 0,
        cells: 369,
        calls: 0,
      } as never)
    shown.report(ended('aws_instance', 2_345))
    shown.report({ kind: 'judged', account_id: '111122223333', findings_changed: 1_312 })
    vi.advanceTimersByTime(80_000)
    shown.end()
    for (const line of shown.lines()) expect(line.length, line).toBeLessThanOrEqual(columns)
    const status = shown.lines().findLast((line) => line.includes('of 369 cells'))
    expect(status).toContain('1 of 369 cells')
    if (columns >= 60) expect(status).toContain('80 s')
    if (columns === 60) expect(status).toContain('1,312 findings new or changed')
    if (columns >= 80) expect(status).toContain('2,345 calls')
  })
})
