import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import {
  createServer as createHttp,
  request as httpRequest,
  type IncomingMessage,
  type Server,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../test/setup/make-certificate.ts'
import type { AwsConnection, Network } from './connection.ts'
import { proxyFor } from './proxy.ts'
import { createAwsTransport } from './transport.ts'
import { trustedCertificates } from './trusted-certificates.ts'

const keys = () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' })
const authority = makeCertificate({ name: 'Example company' })

let home: string
let bundle: string
let aws: Server
let proxy: Server
let seen: string[]
let tunnels: string[]
const open = new Set<Socket>()

/** Answers as STS and the SSO portal do, under any name of AWS. */
async function answer(request: IncomingMessage): Promise<{ status: number; type: string; body: string }> {
  const { host = '' } = request.headers
  const body = await text(request)
  const action = new URLSearchParams(body).get('Action') ?? ''
  seen.push(`${host.split(':')[0]} ${action || new URL(request.url ?? '/', 'http://x').pathname}`)
  if (host.startsWith('portal.sso.')) {
    const token = request.headers['x-amz-sso_bearer_token']
    if (token === 'revoked') {
      return {
        status: 401,
        type: 'application/json',
        body: '{"__type":"UnauthorizedException","message":"Session token not found or invalid"}',
      }
    }
    const expiration = Date.now() + 3_600_000
    const roleCredentials = { accessKeyId: 'ASIASSO', secretAccessKey: 's', sessionToken: 't', expiration }
    return { status: 200, type: 'application/json', body: JSON.stringify({ roleCredentials }) }
  }
  if (action === 'AssumeRole' && body.includes('refused')) {
    const message =
      'User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/refused'
    const xml = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`
    return { status: 403, type: 'text/xml', body: xml }
  }
  if (action === 'AssumeRole') {
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const given = `<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${until}</Expiration>`
    const xml = `<AssumeRoleResponse><AssumeRoleResult><Credentials>${given}</Credentials></AssumeRoleResult></AssumeRoleResponse>`
    return { status: 200, type: 'text/xml', body: xml }
  }
  const id = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const xml = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/a/b</Arn><UserId>${id}</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
  return { status: 200, type: 'text/xml', body: xml }
}

function port(server: Server | ReturnType<typeof createServer>): number {
  return (server.address() as AddressInfo).port
}

async function listen(server: Server): Promise<void> {
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stance-network-'))
  bundle = join(home, 'company.pem')
  await writeFile(bundle, `Example company\n${authority.cert}`)
  const certificate = makeCertificate({
    name: 'aws',
    hosts: [
      '*.amazonaws.com',
      '*.eu-west-1.amazonaws.com',
      '*.sso.eu-west-1.amazonaws.com',
      '127.0.0.1',
      'localhost',
    ],
    issuer: authority,
  })
  aws = createHttps({ cert: certificate.cert, key: certificate.key }, async (request, response) => {
    const { status, type, body } = await answer(request)
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  // Every name is led to the one server, as a proxy that opens TLS does; plain http is passed on.
  proxy = createHttp((request, response) => {
    tunnels.push(`GET ${request.url}`)
    const { hostname, port: to, pathname } = new URL(request.url ?? '')
    const onward = httpRequest({
      hostname,
      port: to,
      path: pathname,
      method: request.method,
      headers: request.headers,
    })
    onward.on('response', (answered) => {
      response.writeHead(answered.statusCode ?? 0, answered.headers)
      answered.pipe(response)
    })
    request.pipe(onward)
  })
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    if (request.url?.startsWith('sts.eu-west-3')) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    if (request.url?.startsWith('sts.eu-west-2')) return // never says a word
    const onward = connect(port(aws), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const end of [onward, socket]) end.on('error', () => undefined)
  })
  await listen(aws)
  await listen(proxy)
  const cache = join(home, '.aws/sso/cache')
  await mkdir(cache, { recursive: true })
  await writeFile(
    join(home, '.aws/config'),
    `[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = audit
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[profile ended]
sso_session = ended
sso_account_id = 111122223333
sso_role_name = audit
[sso-session ended]
sso_start_url = https://ended.awsapps.com/start
sso_region = eu-west-1
[profile revoked]
sso_session = revoked
sso_account_id = 111122223333
sso_role_name = audit
[sso-session revoked]
sso_start_url = https://revoked.awsapps.com/start
sso_region = eu-west-1
[profile never]
sso_session = never
sso_account_id = 111122223333
sso_role_name = audit
[sso-session never]
sso_start_url = https://never.awsapps.com/start
sso_region = eu-west-1
[profile legacy]
sso_start_url = https://legacy.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111122223333
sso_role_name = audit
[profile plain]
aws_access_key_id = AKIAPLAIN
aws_secret_access_key = none
[profile chained]
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = plain
region = eu-west-1
[profile refused]
role_arn = arn:aws:iam::111122223333:role/refused
source_profile = plain
region = eu-west-1
[profile token]
mfa_serial = arn:aws:iam::111122223333:mfa/one
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = plain
`,
  )
  const token = (name: string, accessToken: string, ends: number) =>
    writeFile(
      join(cache, `${createHash('sha1').update(name).digest('hex')}.json`),
      JSON.stringify({ accessToken, expiresAt: new Date(Date.now() + ends).toISOString() }),
    )
  await token('corp', 'good', 3_600_000)
  await token('ended', 'old', -3_600_000)
  await token('revoked', 'revoked', 3_600_000)
  await token('https://legacy.awsapps.com/start', 'old', -3_600_000)
  // What the SDK reads of a person's home; nothing of this machine may come in.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  process.env.HOME = home
  process.env.USERPROFILE = home
  process.env.AWS_EC2_METADATA_DISABLED = 'true'
})
beforeEach(() => {
  seen = []
  tunnels = []
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  await Promise.all([aws, proxy].map((server) => new Promise((resolve) => server.close(resolve))))
  await rm(home, { recursive: true })
})

async function whoAmI(
  connection: Partial<AwsConnection>,
  network: Network,
  more: { region?: string; ms?: number } = {},
) {
  const transport = createAwsTransport({ connections: [{ name: 'one', ...connection }], network })
  try {
    return await transport.send({
      connection: 'one',
      account_id: '',
      region: more.region ?? 'eu-west-1',
      service: 'sts',
      operation: 'GetCallerIdentity',
      input: {},
      signal: new AbortController().signal,
      deadline: Date.now() + (more.ms ?? 20_000),
    })
  } finally {
    await transport.close()
  }
}

const through = () => ({ https_proxy: `http://user:pa%20ss@127.0.0.1:${port(proxy)}`, ca_bundle: bundle })

describe('a proxy', () => {
  it('is used for the calls, with its password', async () => {
    const who = await whoAmI({ keys }, through())
    expect(who).toMatchObject({ ok: true, body: { Account: '111122223333' } })
    const password = Buffer.from('user:pa ss').toString('base64')
    expect(tunnels).toEqual([`sts.eu-west-1.amazonaws.com:443 Basic ${password}`])
  })

  it('is used for assuming roles and for SSO', async () => {
    const role = await whoAmI(
      { keys, role_arn: 'arn:aws:iam::111122223333:role/x', home_region: 'eu-west-1' },
      through(),
    )
    expect(role).toMatchObject({ ok: true, body: { UserId: 'ASIAROLE' } })
    expect(await whoAmI({ profile: 'sso' }, through())).toMatchObject({
      ok: true,
      body: { UserId: 'ASIASSO' },
    })
    expect(await whoAmI({ profile: 'chained' }, through())).toMatchObject({
      ok: true,
      body: { UserId: 'ASIAROLE' },
    })
    expect(seen).toEqual([
      'sts.eu-west-1.amazonaws.com AssumeRole',
      'sts.eu-west-1.amazonaws.com GetCallerIdentity',
      'portal.sso.eu-west-1.amazonaws.com /federation/credentials',
      'sts.eu-west-1.amazonaws.com GetCallerIdentity',
      'sts.eu-west-1.amazonaws.com AssumeRole',
      'sts.eu-west-1.amazonaws.com GetCallerIdentity',
    ])
    expect(tunnels.length).toBeGreaterThan(0)
  })

  it('is left out for the hosts of NO_PROXY', async () => {
    const endpoint = `https://127.0.0.1:${port(aws)}`
    expect(await whoAmI({ keys, endpoint }, { ...through(), no_proxy: '127.0.0.1' })).toMatchObject({
      ok: true,
    })
    expect(tunnels).toEqual([])
  })

  it('is used for http, too', async () => {
    const plain = createHttp(async (request, response) => {
      const { type, body } = await answer(request)
      response.writeHead(200, { 'content-type': type }).end(body)
    })
    await listen(plain)
    const endpoint = `http://localhost:${port(plain)}`
    expect(await whoAmI({ keys, endpoint }, { http_proxy: `http://127.0.0.1:${port(proxy)}` })).toMatchObject(
      { ok: true },
    )
    expect(tunnels).toEqual([`GET ${endpoint}/`])
    await new Promise((resolve) => {
      plain.close(resolve)
      plain.closeAllConnections()
    })
  })

  it('of another kind is told, without its password', async () => {
    const answer = await whoAmI({ keys }, { https_proxy: 'socks5://user:s3cret@127.0.0.1:1080' })
    expect(answer).toMatchObject({
      kind: 'network',
      message: 'The proxy 127.0.0.1:1080 speaks socks5: and Stance only http and https.',
    })
    expect(JSON.stringify(answer)).not.toContain('s3cret')
  })

  it('that refuses or is silent ends in time, with no socket left', async () => {
    const refused = await whoAmI({ keys }, through(), { region: 'eu-west-3' })
    expect(refused).toMatchObject({ ok: false, status: 403 })
    const before = open.size
    const silent = await whoAmI({ keys }, through(), { region: 'eu-west-2', ms: 400 })
    expect(silent).toMatchObject({ ok: false, kind: 'timeout' })
    await expect.poll(() => open.size).toBeLessThanOrEqual(before)
    const gone = createServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const nobody = `http://127.0.0.1:${port(gone)}`
    await new Promise((resolve) => gone.close(resolve))
    expect(await whoAmI({ keys }, { https_proxy: nobody })).toMatchObject({
      kind: 'network',
      code: 'ECONNREFUSED',
    })
  })

  it.each([
    ['https://s3.amazonaws.com', '', 'http://p:1'],
    ['https://s3.amazonaws.com', 'amazonaws.com', ''],
    ['https://s3.amazonaws.com', '.amazonaws.com', ''],
    ['https://s3.amazonaws.com', '*.amazonaws.com', ''],
    ['https://s3.amazonaws.com', 'other.com, S3.AMAZONAWS.COM', ''],
    ['https://s3.amazonaws.com', 's3.amazonaws.com:80', 'http://p:1'],
    ['https://s3.amazonaws.com', 's3.amazonaws.com:443', ''],
    ['https://notamazonaws.com', 'amazonaws.com', 'http://p:1'],
    ['https://10.1.2.3', '10.0.0.0/8', ''],
    ['https://11.1.2.3', '10.0.0.0/8', 'http://p:1'],
    ['https://[::1]:8443', '[::1]', ''],
    ['https://s3.amazonaws.com', '*', ''],
    ['http://s3.amazonaws.com', '', 'http://h:2'],
  ])('%s with NO_PROXY "%s" goes through "%s"', (address, no_proxy, expected) => {
    const network = { https_proxy: 'http://p:1', http_proxy: 'h:2', no_proxy }
    expect(proxyFor(new URL(address), network)).toBe(expected)
  })
})

describe("a company's certificate", () => {
  it('is trusted where it is named, else said to be missing', async () => {
    const endpoint = `https://localhost:${port(aws)}`
    expect(await whoAmI({ keys, endpoint }, { ca_bundle: bundle })).toMatchObject({ ok: true })
    const failed = await whoAmI({ keys, endpoint }, {})
    expect(failed).toMatchObject({
      ok: false,
      kind: 'network',
      code: expect.stringMatching(/CERT|VERIFY|ISSUER/),
    })
    expect(failed).toHaveProperty('message', expect.stringContaining('network.ca_bundle'))
  })

  it('does not take away the usual ones', () => {
    expect(trustedCertificates(bundle)?.length).toBeGreaterThan(100)
    expect(trustedCertificates(undefined)).toBeUndefined()
  })

  it('says what is wrong with the file', async () => {
    const empty = join(home, 'empty.pem')
    await writeFile(empty, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')
    for (const file of [join(home, 'none.pem'), join(home, '.aws/config'), empty]) {
      expect(() => trustedCertificates(file)).toThrow(expect.objectContaining({ code: 'COLLECT_CA_BUNDLE' }))
    }
  })
})

describe('keys that cannot be had', () => {
  it.each([
    ['ended', 'COLLECT_CREDENTIALS_EXPIRED', 'aws sso login --profile ended'],
    ['revoked', 'COLLECT_CREDENTIALS_EXPIRED', 'aws sso login --profile revoked'],
    ['never', 'COLLECT_CREDENTIALS_EXPIRED', 'aws sso login --profile never'],
    ['legacy', 'COLLECT_CREDENTIALS_EXPIRED', 'aws sso login --profile legacy'],
    ['nobody', 'COLLECT_CREDENTIALS_MISSING', 'aws configure'],
    ['refused', 'COLLECT_ASSUME_ROLE_DENIED', 'role/refused exists and that its trust policy'],
    ['token', 'COLLECT_CREDENTIALS_MFA', 'SSO profile'],
  ])('profile %s: %s, %s', async (profile, code, next) => {
    const answer = await whoAmI({ profile }, through())
    expect(answer).toMatchObject({ ok: false, kind: 'answer', code })
    expect(answer).toHaveProperty('next', expect.stringContaining(next))
  })

  it('does not take a network that fails for a session that has ended', async () => {
    const answer = await whoAmI({ profile: 'sso' }, { ...through(), ca_bundle: undefined })
    expect(answer).toMatchObject({ ok: false, kind: 'network', code: 'COLLECT_UNREACHABLE' })
  })

  it('says that there are none at all', async () => {
    const answer = await whoAmI({}, through())
    expect(answer).toMatchObject({ ok: false, code: 'COLLECT_CREDENTIALS_MISSING' })
    expect(answer).toHaveProperty('next', expect.stringContaining('AWS_PROFILE'))
  })
})
