import { describe, expect, it } from 'vitest'
import { type Asked, classifyAnswer } from '../kernel/classify-answer.ts'
import { isPassing, isThrottled } from '../kernel/provider-meaning.ts'
import type { FailedAnswer } from '../kernel/transport.ts'
import { awsAnswers } from './answers.ts'
import { parseEvent } from './parse-event.ts'
import { printPolicy, sizeOf } from './print-policy.ts'

const asked = (more: Partial<Asked> = {}): Asked => ({
  read: {
    operation: 'GetBucketPolicy',
    permission: 's3:GetBucketPolicy',
    absent: ['NoSuchBucketPolicy'],
    unsupported: [{ code: 'MethodNotAllowed', status: 405 }],
    gone: ['NoSuchBucket'],
    no_service: [{ code: 'UnknownOperationException' }],
  },
  service: 's3',
  operation: 'GetBucketPolicy',
  region: 'eu-west-1',
  region_status: 'unknown',
  is_list: false,
  answers: awsAnswers,
  ...more,
})
const failed = (
  code: string,
  status = 400,
  message = 'no',
  more: Partial<FailedAnswer> = {},
): FailedAnswer => ({
  ok: false,
  kind: 'answer',
  code,
  status,
  message,
  ...more,
})
const list = { is_list: true }
const optedOut = { region_status: 'opted out', is_list: true } as const
const optedIn = { region_status: 'opted in', is_list: true } as const
const credentials = 'AWS was not able to validate the provided access credentials'

describe('an answer of AWS', () => {
  it.each([200, 302, 403, 502])(
    'that cannot be read (status %s) is somebody else’s: the next step looks for whose',
    (status) => {
      const { end, failure } = classifyAnswer(failed('UNREADABLE_ANSWER', status), asked()) as {
        end: string
        failure: { next: string; message: string }
      }
      expect(end).toBe('error')
      expect(failure.next).toContain('a proxy, a login page')
      expect(failure.message, 'names what was asked').toMatch(/^[a-z0-9]+:\w+: /)
      expect(failure.next).not.toContain('Nothing to do')
    },
  )

  it.each<[FailedAnswer, Partial<Asked>, string, string?]>([
    [failed('NoSuchBucketPolicy', 404), {}, 'absent'],
    [failed('MethodNotAllowed', 405), {}, 'unsupported'],
    [failed('MethodNotAllowed', 400), {}, 'error'],
    [failed('NoSuchBucket', 404), {}, 'gone'],
    [failed('UnknownOperationException'), list, 'absent'],
    [failed('UnknownOperationException'), {}, 'error'],
    [failed('NotFound', 404), {}, 'error'],
    [failed('AccessDenied', 403), {}, 'denied'],
    [failed('AccessDeniedException', 400), {}, 'denied'],
    [failed('UnauthorizedOperation', 403), {}, 'denied'],
    [failed('InvalidRequestException', 400, 'User: x is not authorized to perform: ecs:List'), {}, 'denied'],
    [failed('InvalidRequestException', 400, 'bad name'), {}, 'error'],
    [failed('', 403, ''), { operation: 'HeadBucket' }, 'denied'],
    [failed('', 403, ''), {}, 'error'],
    [failed('', 404, ''), { operation: 'HeadBucket' }, 'error'],
    [failed('Throttling', 403), { operation: 'HeadBucket' }, 'error'],
    [failed('ThrottlingException', 400), {}, 'error'],
    [failed('SlowDown', 503), {}, 'error'],
    [failed('InternalError', 500), {}, 'error'],
    [failed('Whatever', 403), {}, 'error'],
    [failed('ExpiredToken'), {}, 'error', 'credentials'],
    [failed('COLLECT_CREDENTIALS_EXPIRED'), {}, 'error', 'credentials'],
    [failed('COLLECT_ASSUME_ROLE_DENIED'), {}, 'denied', 'credentials'],
    [failed('SignatureDoesNotMatch', 403), {}, 'denied', 'credentials'],
    [failed('OptInRequired', 401), list, 'absent', 'region not opted in'],
    [failed('OptInRequired', 401), {}, 'denied', 'region not opted in'],
    // The same words for wrong credentials and for a region that is off: what is known of the region decides.
    [failed('UnrecognizedClientException'), optedOut, 'absent', 'region not opted in'],
    [failed('UnrecognizedClientException'), optedIn, 'denied', 'credentials'],
    [failed('UnrecognizedClientException'), list, 'denied', 'region not opted in'],
    [failed('InvalidClientTokenId', 403), { region: 'global' }, 'denied', 'credentials'],
    [failed('AuthFailure', 401, credentials), optedOut, 'absent', 'region not opted in'],
    [failed('AuthFailure', 401, 'Not authorized for images'), optedOut, 'denied'],
    [failed('PermanentRedirect', 301), {}, 'error'],
    [failed('ECONNREFUSED', 0, 'no', { kind: 'network' }), {}, 'error', 'network'],
    [failed('TIMEOUT', 0, 'no', { kind: 'timeout' }), {}, 'error'],
    [failed('AccessDenied', 0, 'no', { kind: 'network' }), {}, 'error', 'network'],
  ])('%j %j is %s', (answer, more, end, by) => {
    const found = classifyAnswer(answer, asked(more))
    expect(found.end).toBe(end)
    if ('failure' in found) expect(found.failure?.denied_by).toBe(by)
  })

  it.each([
    ['with an explicit deny in a service control policy', 'service control policy'],
    ['because no service control policy allows the s3:GetBucketPolicy action', 'service control policy'],
    ['with an explicit deny in a resource control policy', 'resource control policy'],
    ['with an explicit deny in a permissions boundary', 'permissions boundary'],
    ['because no permissions boundary allows it', 'permissions boundary'],
    ['with an explicit deny in a session policy', 'session policy'],
    ['because no session policy allows it', 'session policy'],
    ['because no VPC endpoint policy allows it', 'vpc endpoint policy'],
    ['with an explicit deny in a resource-based policy', 'resource policy'],
    ['because no identity-based policy allows the action', 'identity policy'],
    ['for reasons of its own', undefined],
  ])('%s', (text, by) => {
    const message = `User: arn:aws:iam::111122223333:user/x is not authorized to perform: kms:Decrypt on resource: y ${text}`
    const found = classifyAnswer(failed('AccessDenied', 403, message), asked())
    expect(found).toMatchObject({ end: 'denied', failure: { action: 'kms:Decrypt' } })
    expect(found.end === 'denied' && found.failure.denied_by).toBe(by)
    expect(found.end === 'denied' && found.failure.next).toContain('kms:Decrypt')
  })

  it('reads the same when it is given twice', () => {
    const message = (nr: number) =>
      `You are not authorized. Encoded authorization failure message: abc${nr}-_ (Request ID: 0a1b2c3d${nr})`
    const one = classifyAnswer(failed('UnauthorizedOperation', 403, message(1)), asked())
    expect(one).toEqual(classifyAnswer(failed('UnauthorizedOperation', 403, message(2)), asked()))
    expect(one).toMatchObject({
      failure: { action: 's3:GetBucketPolicy', message: 'You are not authorized.' },
    })
  })

  it('is tried again where that helps', () => {
    const tried = (code: string, status?: number) => isPassing(failed(code, status), asked(), awsAnswers)
    expect(['Throttling', 'RequestLimitExceeded', 'InternalFailure'].map((code) => tried(code))).toEqual([
      true,
      true,
      true,
    ])
    expect([tried('x', 503), tried('x', 500), tried('x', 429)]).toEqual([true, true, true])
    expect([tried('AccessDenied', 403), tried('NoSuchBucket', 404), tried('ExpiredToken')]).toEqual([
      false,
      false,
      false,
    ])
    expect(isThrottled(failed('x', 400, 'Rate exceeded'), asked(), awsAnswers)).toBe(true)
  })
})

describe('a record of CloudTrail', () => {
  const record = {
    eventName: 'CreateFunction20150331',
    eventSource: 'lambda.amazonaws.com',
    awsRegion: 'eu-west-1',
    eventTime: '2026-03-01T00:00:00Z',
    recipientAccountId: '111122223333',
    readOnly: false,
  }
  it('is read, bare or within an event', () => {
    const parsed = {
      provider: 'aws',
      service: 'lambda',
      name: 'CreateFunction',
      account_id: '111122223333',
      changes_nothing: false,
    }
    expect(parseEvent(record)).toMatchObject(parsed)
    expect(parseEvent({ 'detail-type': 'x', detail: record })).toMatchObject(parsed)
  })
  it('changes nothing when it failed or only read', () => {
    expect(parseEvent({ ...record, errorCode: 'AccessDenied' })?.changes_nothing).toBe(true)
    expect(parseEvent({ ...record, readOnly: true })?.changes_nothing).toBe(true)
  })
  it.each([null, 7, 'x', [], {}, { ...record, eventTime: 'x' }, { ...record, eventName: undefined }])(
    '%j is none',
    (entry) => {
      expect(parseEvent(entry)).toBeUndefined()
    },
  )
})

describe('the policy', () => {
  const needed = (names: string[]) =>
    names.map((name) => ({ name, alternatives: [], operation: '', tables: [], groups: [] }))
  it('has one statement a service, each action once', () => {
    expect(printPolicy(needed(['s3:B', 'ec2:A', 's3:A', 's3:A']))).toEqual([
      {
        Version: '2012-10-17',
        Statement: [
          { Sid: 'StanceReadsEc2', Effect: 'Allow', Action: ['ec2:A'], Resource: '*' },
          { Sid: 'StanceReadsS3', Effect: 'Allow', Action: ['s3:A', 's3:B'], Resource: '*' },
        ],
      },
    ])
    expect(printPolicy([])).toEqual([])
  })
  it('is several where it would be too long, and loses nothing', () => {
    const names = Array.from(
      { length: 900 },
      (_, nr) => `${nr < 500 ? 'ec2' : `svc${nr % 7}`}:DescribeThing${nr}`,
    )
    const policies = printPolicy(needed(names))
    expect(policies.length).toBeGreaterThan(2)
    for (const policy of policies) expect(sizeOf(policy)).toBeLessThanOrEqual(6144)
    const sids = policies.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid))
    expect(new Set(sids).size).toBe(sids.length)
    expect(policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)).sort()).toEqual(
      names.sort(),
    )
  })
})
