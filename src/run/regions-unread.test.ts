import { expect, it } from 'vitest'
import { awsAnswers } from '../collect/aws/answers.ts'
import type { FailedAnswer, Transport } from '../collect/kernel/transport.ts'
import { regionsUnread } from './regions-unread.ts'

it('only what was refused is to be allowed', () => {
  const told = (failed: Partial<FailedAnswer>) =>
    regionsUnread({ ok: false, kind: 'answer', code: '', message: 'no', ...failed }, {
      answers: awsAnswers,
    } as unknown as Transport)
  expect(told({ code: 'UnauthorizedOperation', status: 403 })).toMatchObject({
    isRefused: true,
    remedy: expect.stringContaining('Allow ec2:DescribeRegions'),
  })
  const strange = told({ code: 'UNREADABLE_ANSWER', status: 200 })
  expect(strange).toMatchObject({ isRefused: false, remedy: expect.stringContaining('`home_region`') })
  expect(strange.failure.next).not.toContain('Allow')
})
