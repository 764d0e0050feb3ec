import { expect, it } from 'vitest'
import type { FindingShown } from '../run/show-finding.ts'
import { printUnread } from './print-unread.ts'
import { Screen } from './screen/screen.ts'

const thing = {
  table_name: 'aws_cloudtrail',
  part: 'eu-west-1',
  resource_key: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/all',
  group_name: 'selectors',
  state: 'error' as const,
  since: new Date('2026-01-01T07:13:00Z'),
  ok_at: new Date('2026-01-01T07:02:00Z'),
  code: 'COLUMN_MISSING',
  message: 'The answer lacks DataResources.',
  action: '',
  denied_by: '',
  next: 'Scan again.',
}

function said(finding: Partial<FindingShown>): string {
  let text = ''
  const out = new Screen({ isTTY: false, write: (more: string) => (text += more) }, false)
  printUnread(out, { status: 'open', unread: [], kept: [], ...finding } as FindingShown)
  return text.replace(/\s+/g, ' ')
}

it('says of when it is what a definite verdict rests on, why it is not newer, and what to do', () => {
  const text = said({ verdict: 'fail', kept: [thing] })
  expect(text).toContain('Judged by what was read before')
  expect(text).toContain(`aws_cloudtrail.selectors of ${thing.resource_key}`)
  expect(text).toContain('as it was read at 2026-01-01 07:02 UTC; its reads fail since 2026-01-01 07:13 UTC')
  expect(text).toContain('The answer lacks DataResources.')
  expect(text).toContain('Next: Scan again.')
})

it('says nothing where all was read, or where it is over', () => {
  expect(said({ verdict: 'fail' })).toBe('')
  expect(said({ verdict: 'fail', status: 'closed', kept: [thing] })).toBe('')
})
