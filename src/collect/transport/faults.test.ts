import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { Transport, TransportAnswer, TransportRequest } from '../kernel/transport.ts'
import { faultFor, parseFaults } from './faults.ts'
import { injectFaults } from './inject-faults.ts'

const usual = (service: string, kind: 'denied' | 'throttled') =>
  kind === 'denied' ? { status: 403, code: `Denied-${service}` } : { status: 400, code: 'Throttling' }

const request = (operation: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
  connection: 'one',
  account_id: '111122223333',
  region: 'eu-west-1',
  service: 'ec2',
  operation,
  input: {},
  signal: new AbortController().signal,
  deadline: Date.now() + 5_000,
  ...more,
})

function faulty(spec: string, body: JsonObject = {}): { sent: string[]; send: Transport['send'] } {
  const sent: string[] = []
  const inner: Transport = {
    name: 'aws',
    answers: { declared: [], in_the_way: [], denied_next: '' },
    send: async ({ operation }): Promise<TransportAnswer> => {
      sent.push(operation)
      return { ok: true, body }
    },
    bucket: () => '',
    close: async () => {},
  }
  return { sent, send: injectFaults(parseFaults(spec), { usual })(inner).send }
}

describe('the words of a fault', () => {
  it.each([
    ['ec2:DescribeSubnets@eu-west-1=denied', 'DescribeSubnets', {}, true],
    ['ec2:DescribeSubnets@eu-west-1=denied', 'DescribeSubnets', { region: 'eu-west-2' }, false],
    ['ec2:Describe*=denied', 'DescribeVpcs', {}, true],
    ['ec2:Describe*=denied', 'GetVpcs', {}, false],
    ['ec2=denied', 'GetVpcs', {}, true],
    ['s3=denied', 'GetVpcs', {}, false],
    ['*@eu-*=denied', 'GetVpcs', {}, true],
    ['111122223333/*=denied', 'GetVpcs', {}, true],
    ['444455556666/*=denied', 'GetVpcs', {}, false],
    ['ec2:DescribeVpc=denied', 'DescribeVpcs', {}, false],
  ])('%s on %s %o', (spec, operation, more, meets) => {
    expect(faultFor(parseFaults(spec), request(operation, more), 1) !== undefined).toBe(meets)
  })

  it('come many at once, the first that fits counts', () => {
    const faults = parseFaults(
      'ec2:A=denied, ec2:*=throttled(2)\n s3=error(404:NoSuchBucket) kms=omitted(last page)',
    )
    expect(faults.map(({ kind }) => kind)).toEqual(['denied', 'throttled', 'error', 'omitted'])
    expect(faultFor(faults, request('A'), 9)?.kind).toBe('denied')
    expect(faultFor(faults, request('B'), 2)?.kind).toBe('throttled')
    expect(faultFor(faults, request('B'), 3)).toBeUndefined()
    expect(faults[2]).toMatchObject({ status: 404, code: 'NoSuchBucket' })
  })

  it.each([
    'ec2',
    'ec2=broken',
    'ec2=slow',
    'ec2=slow(5)',
    'ec2=throttled(x)',
    'EC2=denied',
    'ec2=denied(1)',
    '=denied',
    'ec2=omitted(a[b)',
  ])('are refused: %s', (spec) => {
    expect(() => parseFaults(spec)).toThrow(expect.objectContaining({ code: 'COLLECT_FAULT_SPEC' }))
  })
})

describe('an injected fault', () => {
  it('denies, throttles and fails without asking', async () => {
    const { sent, send } = faulty('ec2:A=denied ec2:B=throttled(1) ec2:C=error ec2:D=omitted')
    expect(await send(request('A'))).toMatchObject({ ok: false, status: 403, code: 'Denied-ec2' })
    expect(await send(request('B'))).toMatchObject({ ok: false, throttled: true })
    expect(await send(request('C'))).toMatchObject({ ok: false, status: 500, code: 'InternalError' })
    expect(await send(request('D'))).toMatchObject({ ok: false, status: 501, code: 'NotRecorded' })
    expect(sent).toEqual([])
    expect(await send(request('B'))).toMatchObject({ ok: true })
    expect(await send(request('E'))).toMatchObject({ ok: true })
    expect(sent).toEqual(['B', 'E'])
  })

  it('waits, and ends with the deadline or the signal', async () => {
    const { sent, send } = faulty('ec2:A=slow(80ms) ec2:B=silent')
    const began = performance.now()
    expect(await send(request('A'))).toMatchObject({ ok: true })
    expect(performance.now() - began).toBeGreaterThan(70)
    expect(await send(request('A', { deadline: Date.now() + 20 }))).toMatchObject({ kind: 'timeout' })
    expect(await send(request('B', { deadline: Date.now() + 50 }))).toMatchObject({ kind: 'timeout' })
    expect(await send(request('B', { signal: AbortSignal.timeout(30) }))).toMatchObject({ kind: 'cancelled' })
    expect(await send(request('B', { signal: AbortSignal.abort() }))).toMatchObject({ kind: 'cancelled' })
    expect(sent).toEqual(['A'])
  })

  it('leaves out a field, a row, or the last page', async () => {
    const body = {
      Regions: [
        { Name: 'a.b', Status: 'on' },
        { Name: 'c', Status: 'on' },
      ],
      NextToken: 't',
    }
    const before = JSON.stringify(body)
    const left = async (what: string) => {
      const answer = await faulty(`ec2=omitted(${what})`, body).send(request('A'))
      return answer.ok ? answer.body : answer.code
    }
    expect(await left('Regions.Status')).toEqual({
      Regions: [{ Name: 'a.b' }, { Name: 'c' }],
      NextToken: 't',
    })
    expect(await left('Regions[Name=a.b]')).toEqual({ Regions: [body.Regions[1]], NextToken: 't' })
    expect(await left('Regions[Name=c].Status')).toEqual({
      Regions: [body.Regions[0], { Name: 'c' }],
      NextToken: 't',
    })
    expect(await left('NextToken')).toEqual({ Regions: body.Regions })
    expect(JSON.stringify(body)).toBe(before)

    const middle = faulty('ec2=omitted(last page)', { NextToken: 't' })
    const last = faulty('ec2=omitted(last page)', { Rows: [] })
    const page = { input: { NextToken: 's' } }
    expect(await middle.send(request('A', page))).toMatchObject({ ok: true })
    expect(await last.send(request('A'))).toMatchObject({ ok: true })
    expect(await last.send(request('A', page))).toMatchObject({ ok: false, code: 'NotRecorded' })
  })
})
