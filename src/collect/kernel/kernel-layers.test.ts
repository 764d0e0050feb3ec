import { describe, expect, it } from 'vitest'
import { CallLimiter } from './call-limiter.ts'
import { account, no, ok, type Script, ScriptedTransport } from './collect.fixture.ts'
import { CallCounter } from './count-calls.ts'
import { type KernelLayers, withKernelLayers } from './kernel-layers.ts'
import { overTransport, type TransportRequest } from './transport.ts'

function set(script: Script, more: Partial<KernelLayers> = {}) {
  const wire = new ScriptedTransport(script)
  const counter = new CallCounter()
  const transport = withKernelLayers(wire, {
    counter,
    secrets: { paths: new Map(), key: 'k' },
    retry: { attempts: 4, first_ms: 1, longest_ms: 4, budget: 100 },
    ...more,
  })
  return { wire, counter, send: (more: Partial<TransportRequest> = {}) => transport.send(request(more)) }
}

function request(more: Partial<TransportRequest> = {}): TransportRequest {
  return {
    connection: 'main',
    account_id: account,
    region: 'north',
    service: 'pens',
    operation: 'Get',
    input: {},
    signal: new AbortController().signal,
    deadline: Date.now() + 10_000,
    ...more,
  }
}

const unreachable = { ok: false as const, kind: 'network' as const, code: 'ECONNREFUSED', message: 'refused' }
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('retrying', () => {
  it('tries again what goes away by itself, and counts every attempt', async () => {
    const { send, counter } = set({ Get: (_, nr) => [no('TooFast'), no('Sick'), ok({ a: 1 })][nr]! })
    const meter = { calls: 0, throttles: 0 }
    expect(await send({ meter })).toMatchObject({ ok: true })
    expect(meter).toEqual({ calls: 3, throttles: 1 })
    expect(counter.summary()).toMatchObject({
      calls: 3,
      throttles: 1,
      failures: 1,
      operations: [{ service: 'pens', operation: 'Get', calls: 3 }],
    })
  })

  it('gives up after the attempts it has', async () => {
    const { send, wire } = set({ Get: () => no('TooFast') })
    expect(await send()).toMatchObject({ ok: false, code: 'TooFast' })
    expect(wire.requests).toHaveLength(4)
  })

  it.each([
    [200, 2],
    // A gateway in trouble.
    [502, 4],
  ])(
    'asks again of an answer with status %i that nobody can read, %i times in all',
    async (status, times) => {
      const { send, wire } = set({ Get: () => no('UNREADABLE_ANSWER', 'a page', { status }) })
      await send()
      expect(wire.requests).toHaveLength(times)
    },
  )

  it('leaves alone what will not change', async () => {
    const { send, wire } = set({ Get: () => no('Forbidden') })
    await send()
    expect(wire.requests).toHaveLength(1)
  })

  it('waits as long as the provider says', async () => {
    const told = no('TooFast', 'no', { metadata: { retry_after_ms: 80 } })
    const { send } = set(
      { Get: (_, nr) => (nr === 0 ? told : ok({})) },
      {
        retry: { attempts: 4, first_ms: 1, longest_ms: 100, budget: 100 },
      },
    )
    const began = performance.now()
    await send()
    expect(performance.now() - began).toBeGreaterThan(75)
  })

  it('does not wait past the deadline', async () => {
    const { send, wire } = set({ Get: () => no('TooFast', 'no', { metadata: { retry_after_ms: 60 } }) })
    await send({ deadline: Date.now() + 40 })
    expect(wire.requests).toHaveLength(1)
  })

  it('does not answer a storm with a storm', async () => {
    const { send, wire } = set(
      { Get: () => no('Sick') },
      { retry: { attempts: 4, first_ms: 1, longest_ms: 1, budget: 5 } },
    )
    for (let nr = 0; nr < 10; nr++) await send()
    expect(wire.requests).toHaveLength(10 + 5)
  })

  it('ends at once when it is cancelled', async () => {
    const stop = new AbortController()
    const { send } = set(
      { Get: () => no('TooFast', 'no', { metadata: { retry_after_ms: 5000 } }) },
      {
        retry: { attempts: 4, first_ms: 1, longest_ms: 5000, budget: 5 },
      },
    )
    setTimeout(() => stop.abort(), 20)
    const began = performance.now()
    await send({ signal: stop.signal })
    expect(performance.now() - began).toBeLessThan(1000)
  })
})

describe('a region that is dead', () => {
  it('ends after a few attempts, the rest at once', async () => {
    const noName = { ...unreachable, code: 'ENOTFOUND' }
    const { send, wire } = set({ Get: ({ service }) => (service === 'nowhere' ? noName : unreachable) })
    for (let nr = 0; nr < 20; nr++) await send()
    expect(wire.requests).toHaveLength(3)
    expect(await send()).toMatchObject({ kind: 'network', code: 'UNREACHABLE' })
    expect(await send({ service: 'other' })).toMatchObject({ code: 'ECONNREFUSED' })
    // A name that does not exist says nothing of the region.
    await send({ service: 'nowhere' })
    // By now the region as a whole is known to be out of reach.
    expect(await send({ service: 'fourth' })).toMatchObject({ code: 'UNREACHABLE' })
    expect(await send({ region: 'south' })).toMatchObject({ code: 'ECONNREFUSED' })
    expect(await send({ account_id: '444455556666' })).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is tried again after a while', async () => {
    const { send } = set(
      { Get: (_, nr) => (nr < 3 ? unreachable : ok({})) },
      {
        breaker: { endpoint: 3, region: 6, retry_ms: 30 },
      },
    )
    for (let nr = 0; nr < 3; nr++) await send()
    await pause(40)
    expect(await send()).toMatchObject({ ok: true })
  })

  it('that never answers ends by time', async () => {
    const { send, wire } = set(
      { Get: () => new Promise(() => undefined) },
      { times: { call_ms: 1000, first_ms: 30 } },
    )
    expect(await send()).toMatchObject({ kind: 'timeout', code: 'TIMEOUT' })
    expect(wire.requests).toHaveLength(2)
    expect(await send({ deadline: Date.now() + 10 })).toMatchObject({ kind: 'timeout', code: 'TIME_BUDGET' })
  })

  it('gets more time once it has answered', async () => {
    const { send } = set(
      { Get: (_, nr) => (nr === 0 ? ok({}) : pause(60).then(() => ok({}))) },
      { times: { call_ms: 1000, first_ms: 30 } },
    )
    expect(await send()).toMatchObject({ ok: true })
    expect(await send()).toMatchObject({ ok: true })
    expect(await send({ region: 'south' })).toMatchObject({ ok: false, code: 'TIMEOUT' })
  })

  it('refuses with an answer, and is then not dead', async () => {
    const { send, wire } = set({ Get: (_, nr) => (nr % 2 === 0 ? unreachable : no('Forbidden')) })
    for (let nr = 0; nr < 10; nr++) await send()
    expect(wire.requests.length).toBe(20)
  })
})

describe('the limiter', () => {
  function busy(limits: ConstructorParameters<typeof CallLimiter>[0], script?: Script[string]) {
    let running = 0
    let most = 0
    const limiter = new CallLimiter(limits)
    const one = set(
      {
        Get: async (asked, nr) => {
          most = Math.max(most, ++running)
          await pause(3)
          running--
          return (await script?.(asked, nr)) ?? ok({})
        },
      },
      { limiter, retry: { attempts: 1, first_ms: 1, longest_ms: 1, budget: 0 } },
    )
    return { ...one, limiter, most: () => most }
  }
  const wide = { start: 100, least: 1, most: 100 }

  it.each([
    ['a process', { process: 3, scope: 9, bucket: wide }, 'south'],
    ['a scope', { process: 9, scope: 3, bucket: wide }, 'north'],
    ['a bucket', { process: 9, scope: 9, bucket: { start: 3, least: 1, most: 3 } }, 'north'],
  ])('bounds %s', async (_, limits, other) => {
    const { send, most, wire } = busy(limits)
    await Promise.all(Array.from({ length: 30 }, (_, nr) => send(nr % 2 === 0 ? {} : { region: other })))
    expect(most()).toBe(3)
    expect(wire.requests).toHaveLength(30)
  })

  it('slows down when it is throttled and recovers', async () => {
    let isThrottled = true
    const limits = { process: 50, scope: 50, bucket: { start: 8, least: 1, most: 8 } }
    const { send, limiter } = busy(limits, () => (isThrottled ? no('TooFast') : ok({})))
    const bucket = `${account}/north/pens`
    await Promise.all(Array.from({ length: 8 }, () => send()))
    expect(limiter.limitOf(bucket)).toBe(4)
    isThrottled = false
    for (let nr = 0; nr < 10; nr++) await Promise.all(Array.from({ length: 8 }, () => send()))
    expect(limiter.limitOf(bucket)).toBe(8)
  })

  it('lets nobody wait for ever', async () => {
    const { send } = busy({ process: 1, scope: 1, bucket: wide }, () => pause(200).then(() => ok({})))
    const first = send()
    const stop = new AbortController()
    const late = send({ deadline: Date.now() + 30 })
    const stopped = send({ signal: stop.signal })
    stop.abort()
    expect(await stopped).toMatchObject({ kind: 'cancelled' })
    expect(await late).toMatchObject({ kind: 'timeout', code: 'TIME_BUDGET' })
    expect(await first).toMatchObject({ ok: true })
  })

  it('keeps two accounts apart', async () => {
    const limits = { process: 50, scope: 50, bucket: { start: 4, least: 1, most: 4 } }
    const { send, limiter } = busy(limits, ({ account_id }) =>
      account_id === account ? no('TooFast') : ok({}),
    )
    await Promise.all([send(), send({ account_id: '444455556666' })])
    expect(limiter.limitOf(`${account}/north/pens`)).toBe(2)
    expect(limiter.limitOf('444455556666/north/pens')).toBe(4)
  })
})

describe('layers', () => {
  it('show a recording the last answer only, with its secrets replaced', async () => {
    const recorded: unknown[] = []
    const { send } = set(
      { Get: (_, nr) => (nr === 0 ? no('Sick') : ok({ Rows: [{ Key: 'canary' }] })) },
      {
        secrets: { paths: new Map([['zoo/pens/Get', ['Rows.Key']]]), key: 'k' },
        record: (inner) =>
          overTransport(inner, async (asked) => {
            const answer = await inner.send(asked)
            recorded.push(answer)
            return answer
          }),
      },
    )
    await send()
    expect(recorded).toMatchObject([{ ok: true, body: { Rows: [{ Key: { $secret: { length: 6 } } }] } }])
    expect(JSON.stringify(recorded)).not.toContain('canary')
  })
})
