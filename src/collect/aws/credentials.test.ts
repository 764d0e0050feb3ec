import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { motoAccount, motoDescribe } from '../../../test/setup/moto-account.ts'
import type { AwsConnection } from './connection.ts'
import { createCredentials } from './credentials.ts'
import { createSharedHandler, type SharedHandler } from './http-handlers.ts'
import { createAwsTransport } from './transport.ts'

/** An STS that checks what a real one does: who may assume which role with which external id. */
let sts: Server
let url: string
let asked: Record<string, string>[]
let busy = false
let lasts = 3_600_000
let handler: SharedHandler
const own = '111122223333'

const keys = () => ({ accessKeyId: 'AKIABASE', secretAccessKey: 'none' })
const connection = (more: Partial<AwsConnection> = {}): AwsConnection => ({
  name: 'one',
  endpoint: url,
  home_region: 'eu-west-1',
  role_arn: 'arn:aws:iam::{account}:role/stance',
  external_id: 'the-id',
  keys,
  ...more,
})
const credentials = (more: Partial<AwsConnection> = {}, now?: () => number) =>
  createCredentials(connection(more), () => handler, now)

function refusal(code: string, message: string): [number, string] {
  return [
    403,
    `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  ]
}

function answer(form: Record<string, string>): [number, string] {
  if (busy) return [503, '<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>']
  if (form.Action === 'GetCallerIdentity') {
    const arn = `arn:aws:iam::${own}:user/scanner`
    return [
      200,
      `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn><Account>${own}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    ]
  }
  const account = form.RoleArn?.split(':')[4]
  const trusted = form.ExternalId === 'the-id' && account !== own && account !== '999999999999'
  if (!trusted) {
    return refusal(
      'AccessDenied',
      `User: arn:aws:iam::${own}:user/scanner is not authorized to perform: sts:AssumeRole on resource: ${form.RoleArn}`,
    )
  }
  const until = new Date(Date.now() + lasts).toISOString()
  return [
    200,
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  ]
}

beforeAll(async () => {
  sts = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    asked.push(form)
    const [status, body] = answer(form)
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body)
  })
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`
  handler = createSharedHandler({})
})
beforeEach(() => {
  asked = []
  busy = false
  lasts = 3_600_000
})
afterAll(async () => {
  handler.destroy()
  sts.closeAllConnections()
  await new Promise((resolve) => sts.close(resolve))
})

describe('a role in each account', () => {
  it('is assumed once an account, with the external id, however many ask', async () => {
    const mine = credentials({ session_name: 'audit' })
    const accounts = ['444455556666', '777788889999']
    const got = await Promise.all([...accounts, ...accounts, ...accounts].map((id) => mine.keys(id)))
    expect(got.map(({ accessKeyId }) => accessKeyId)).toEqual(
      [...accounts, ...accounts, ...accounts].map((id) => `ASIA${id}`),
    )
    expect(asked.map(({ RoleArn }) => RoleArn).sort()).toEqual(
      accounts.map((id) => `arn:aws:iam::${id}:role/stance`),
    )
    expect(asked[0]).toMatchObject({
      ExternalId: 'the-id',
      RoleSessionName: 'audit',
      DurationSeconds: '3600',
    })
  })

  it('is renewed before it ends, and when AWS says that it has ended', async () => {
    let time = Date.now()
    const mine = credentials({}, () => time)
    await mine.keys('444455556666')
    time += 54 * 60_000
    await mine.keys('444455556666')
    expect(asked).toHaveLength(1)
    time += 2 * 60_000
    await mine.keys('444455556666')
    expect(asked).toHaveLength(2)
    mine.forget('444455556666')
    await mine.keys('444455556666')
    expect(asked).toHaveLength(3)
  })

  it('that is refused says which trust policy is needed, and is not asked for again at once', async () => {
    let time = Date.now()
    const mine = credentials({ external_id: 'another' }, () => time)
    const refused = {
      code: 'COLLECT_ASSUME_ROLE_DENIED',
      next: expect.stringMatching(
        new RegExp(`trust policy holds .*"AWS":"arn:aws:iam::${own}:user/scanner".*sts:ExternalId`),
      ),
    }
    await expect(mine.keys('444455556666')).rejects.toMatchObject(refused)
    await expect(mine.keys('444455556666')).rejects.toMatchObject(refused)
    await expect(mine.keys('444455556666')).rejects.not.toThrow('another')
    expect(asked.filter(({ Action }) => Action === 'AssumeRole')).toHaveLength(1)
    time += 61_000
    await expect(mine.keys('444455556666')).rejects.toMatchObject(refused)
    expect(asked.filter(({ Action }) => Action === 'AssumeRole')).toHaveLength(2)
  })

  it("is not needed in the caller's own account, for an organization, or for the caller itself", async () => {
    const mine = credentials()
    expect(await mine.keys(own)).toEqual(keys())
    expect(await mine.keys('o-example1234')).toEqual(keys())
    expect(await mine.keys('')).toEqual(keys())
    await expect(mine.keys('999999999999')).rejects.toMatchObject({ code: 'COLLECT_ASSUME_ROLE_DENIED' })
  })

  it('that STS is too busy for is no refusal', async () => {
    let time = Date.now()
    const mine = credentials({}, () => time)
    busy = true
    await expect(mine.keys('444455556666')).rejects.toMatchObject({ code: 'COLLECT_UNREACHABLE' })
    // The next read of the account is not told of an outage that is over.
    busy = false
    time += 1_000
    expect((await mine.keys('444455556666')).accessKeyId).toBe('ASIA444455556666')
  })

  it('is written in the partition of the connection', async () => {
    await credentials({ home_region: 'cn-north-1' }).keys('444455556666')
    expect(asked[0]?.RoleArn).toBe('arn:aws-cn:iam::444455556666:role/stance')
  })
})

describe('an account out of reach', () => {
  it('is said to be, whatever the connection has', async () => {
    const fixed = credentials({ role_arn: 'arn:aws:iam::444455556666:role/stance' })
    expect((await fixed.keys('444455556666')).accessKeyId).toBe('ASIA444455556666')
    expect((await fixed.keys('')).accessKeyId).toBe('ASIA444455556666')
    await expect(fixed.keys('777788889999')).rejects.toMatchObject({
      code: 'COLLECT_ACCOUNT_OUT_OF_REACH',
      next: expect.stringContaining('{account}'),
    })
  })
})

describe('keys without a role', () => {
  it('read the account that they are of, and no other', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAOWN')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none')
    vi.stubEnv('AWS_SESSION_TOKEN', undefined)
    vi.stubEnv('AWS_PROFILE', undefined)
    try {
      const { role_arn: _, external_id: __, keys: ___, ...plain } = connection()
      const mine = createCredentials(plain, () => handler)
      expect((await mine.keys(own)).accessKeyId).toBe('AKIAOWN')
      expect((await mine.keys('o-example1234')).accessKeyId).toBe('AKIAOWN')
      await expect(mine.keys('444455556666')).rejects.toMatchObject({
        code: 'COLLECT_ACCOUNT_OUT_OF_REACH',
        message: 'The connection "one" reaches account 111122223333, not 444455556666.',
      })
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

motoDescribe('two accounts of an emulator', () => {
  it('are entered through a role, in one process at once', async () => {
    const base = await motoAccount()
    const accounts = [(await motoAccount()).accountId, (await motoAccount()).accountId]
    const transport = createAwsTransport({
      connections: [connection({ endpoint: base.url, keys: () => base.credentials })],
    })
    const who = async (account_id: string) => {
      const answer = await transport.send({
        connection: 'one',
        account_id,
        region: 'eu-west-1',
        service: 'sts',
        operation: 'GetCallerIdentity',
        input: {},
        signal: new AbortController().signal,
        deadline: Date.now() + 30_000,
      })
      return answer.ok ? answer.body.Arn : answer.message
    }
    const asking = [...accounts, ...accounts, ...accounts].map(who)
    const arns = await Promise.all(asking)
    expect(arns).toEqual(
      [...accounts, ...accounts, ...accounts].map((id) => `arn:aws:sts::${id}:assumed-role/stance/stance`),
    )
    await transport.close()
  })
})
