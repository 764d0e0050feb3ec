import { describe, expect, it } from 'vitest'
import { StanceError } from '../core/errors.ts'
import { createLogger, type LoggerOptions } from './logger.ts'

function logged(
  options: Partial<LoggerOptions>,
  say: (logger: ReturnType<typeof createLogger>) => void,
): string {
  let output = ''
  const destination = { write: (line: string) => (output += line) }
  say(createLogger({ level: 'info', pretty: false, destination, ...options }))
  return output
}

const canary = 'canary-4711-value'

it('looks at a long text in time that grows with its length', () => {
  const began = performance.now()
  for (const text of ['a'.repeat(200_000), 'a://'.repeat(50_000), 'x:y'.repeat(60_000)])
    logged({}, (log) => log.info({ text }))
  expect(performance.now() - began).toBeLessThan(5_000)
})

describe('secrets do not reach the log', () => {
  const cases: [string, (logger: ReturnType<typeof createLogger>) => void][] = [
    ['by the name of a field', (log) => log.info({ SecretAccessKey: canary, session_token: canary })],
    ['deep inside', (log) => log.info({ a: [{ b: { credentials: { x: canary } } }] })],
    ['by the name in a child', (log) => log.child({ external_id: canary }).info({})],
    ['in an address', (log) => log.info({ where: `postgres://me:${canary}@db/x` })],
    ['in the message', (log) => log.warn({}, `cannot reach https://me:${canary}@proxy:3128`)],
    ['behind a long scheme', (log) => log.info({ where: `${'x'.repeat(50)}://me:${canary}@db/x` })],
    ['in an address, with an @', (log) => log.info({ where: `postgres://me:x@${canary}@db/x` })],
    ['in an address, with a slash', (log) => log.info({ where: `postgres://me:x/${canary}@db/x` })],
    ['as a name', (log) => log.info({ where: `https://${canary}@db/x` })],
    ['in JSON', (log) => log.info({ body: JSON.stringify({ password: `two ${canary}`, x: 1 }) })],
    ['in JSON of AWS', (log) => log.info({ body: JSON.stringify({ SecretAccessKey: canary }) })],
    ['in JSON of a session', (log) => log.info({ body: JSON.stringify({ SessionToken: canary }) })],
    ['in JSON in JSON', (log) => log.info({ body: JSON.stringify(JSON.stringify({ token: canary })) })],
    ['behind Bearer', (log) => log.info({ header: `Bearer ${canary}` })],
    ['in a list of headers', (log) => log.info({ headers: ['authorization', canary, 'accept', 'x'] })],
    ['within quotes', (log) => log.info({ line: `password: "two ${canary}"` })],
    ['in a signed address', (log) => log.info({ url: `https://x/?X-Amz-Signature=${canary}&a=1` })],
    ['in an error', (log) => log.error({ error: new Error(`password=${canary}`) })],
    ['in a bare error', (log) => log.error(new Error(`password=${canary}`))],
    ['of a passphrase', (log) => log.info({ line: `BORG_PASSPHRASE=${canary}` })],
    ['of a name that ends in pass', (log) => log.info({ line: `DB_PASS=${canary}` })],
    [
      'in the address of a webhook',
      (log) => log.info({ line: `https://hooks.slack.com/services/T0/B0/${canary}` }),
    ],
    [
      'in the cause of an error',
      (log) => log.error(new Error('x', { cause: new Error(`token: ${canary}`) })),
    ],
    [
      'in a field of a foreign error',
      (log) => log.error(Object.assign(new Error('x'), { request: { body: canary } })),
    ],
    ['as a known secret anywhere', (log) => log.info({ harmless: `is ${canary}!` }, `and ${canary}`)],
  ]
  it.each(cases)('%s', (name, say) => {
    const secrets = name.startsWith('as a known') ? [canary] : []
    for (const pretty of [false, true]) {
      const output = logged({ pretty, secrets }, say)
      expect(output).not.toBe('')
      expect(output).not.toContain(canary)
    }
  })
})

it('is one JSON object a line, with level and time, errors with their code and next step', () => {
  const error = new StanceError('A_CODE', 'it happened', { next: 'do this' })
  const output = logged({}, (log) =>
    log.child({ cell: 's3' }).warn({ error, count: 2n, token_count: 3 }, 'throttled'),
  )
  const [line, ...rest] = output.trimEnd().split('\n')
  expect(rest).toEqual([])
  expect(JSON.parse(line!)).toMatchObject({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    msg: 'throttled',
    cell: 's3',
    count: '2',
    token_count: 3,
    error: { type: 'StanceError', code: 'A_CODE', message: 'it happened', next: 'do this' },
  })
})

it('says nothing below its level', () => {
  expect(logged({ level: 'error' }, (log) => log.warn({}, 'x'))).toBe('')
  expect(logged({ level: 'silent' }, (log) => log.error({}, 'x'))).toBe('')
})

it('for people: one line, no control character of the cloud reaches the terminal', () => {
  const hostile = 'a\u001b[2J\u009b31m\n\u202eb'
  const output = logged({ pretty: true }, (log) => log.info({ name: hostile }, hostile))
  expect(output).toMatch(/^\d\d:\d\d:\d\d INFO {2}a\\u001b/)
  expect(output.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

it('what holds no secret stays as it is', () => {
  const plain = [
    'for example postgres://stance@db.example.com/stance',
    'see https://github.com/someone/something@v2 and https://proxy:3128',
    'The access token has expired.',
  ]
  for (const text of plain) expect(JSON.parse(logged({}, (log) => log.info({ text }))).text).toBe(text)
})
