import { execFile } from 'node:child_process'
import { createServer as createHttp } from 'node:http'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../../../test/setup/moto-account.ts'
import type { JsonObject } from '../../core/json.ts'
import { classifyAnswer } from '../kernel/classify-answer.ts'
import type { FailedAnswer, TransportRequest } from '../kernel/transport.ts'
import { awsAnswers } from './answers.ts'
import type { AwsConnection } from './connection.ts'
import { type AwsTransport, createAwsTransport } from './transport.ts'

const keys = () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' })

function ask(
  connection: string,
  service: string,
  operation: string,
  input: JsonObject = {},
  more: Partial<TransportRequest> = {},
): TransportRequest {
  return {
    connection,
    account_id: '111122223333',
    region: 'eu-west-1',
    service,
    operation,
    input,
    signal: new AbortController().signal,
    deadline: Date.now() + 30_000,
    ...more,
  }
}

motoDescribe('every service over the real SDK', () => {
  let account: MotoAccount
  let other: MotoAccount
  let transport: AwsTransport
  const bucket = `stance-transport-${process.pid}`

  beforeAll(async () => {
    account = await motoAccount()
    other = await motoAccount()
    const of = (name: string, one: MotoAccount): AwsConnection => ({
      name,
      endpoint: one.url,
      keys: () => one.credentials,
    })
    transport = createAwsTransport({ connections: [of('one', account), of('two', other)] })
    const { S3Client, CreateBucketCommand, PutBucketPolicyCommand } = await import('@aws-sdk/client-s3')
    const s3 = new S3Client({
      endpoint: account.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: account.credentials,
    })
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    await s3.send(
      new PutBucketPolicyCommand({ Bucket: bucket, Policy: '{"Version":"2012-10-17","Statement":[]}' }),
    )
    s3.destroy()
    const { OrganizationsClient, CreateOrganizationCommand } = await import('@aws-sdk/client-organizations')
    const organizations = new OrganizationsClient({
      endpoint: account.url,
      region: 'us-east-1',
      credentials: account.credentials,
    })
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    organizations.destroy()
  })
  afterAll(() => transport.close())

  const good = async (
    service: string,
    operation: string,
    input?: JsonObject,
    more?: Partial<TransportRequest>,
  ) => {
    const answer = await transport.send(ask('one', service, operation, input, more))
    if (!answer.ok) throw new Error(`${operation}: ${answer.kind} ${answer.code} ${answer.message}`)
    return answer.body
  }

  it('speaks to each of them', async () => {
    expect(await good('sts', 'GetCallerIdentity')).toMatchObject({ Account: account.accountId })
    expect(await good('s3', 'ListBuckets', {}, { region: 'global' })).toMatchObject({
      Buckets: [{ Name: bucket, CreationDate: expect.stringMatching(/^\d{4}-.*Z$/) }],
    })
    expect(await good('ec2', 'DescribeSecurityGroups')).toMatchObject({
      SecurityGroups: [{ GroupName: 'default' }],
    })
    expect(await good('iam', 'ListUsers', {}, { region: 'global' })).toEqual({
      Users: [],
      IsTruncated: false,
    })
    expect(await good('kms', 'ListKeys')).toMatchObject({ Keys: [] })
    expect(await good('cloudtrail', 'DescribeTrails')).toMatchObject({ trailList: [] })
    expect(await good('elasticloadbalancingv2', 'DescribeLoadBalancers')).toMatchObject({ LoadBalancers: [] })
    expect(await good('organizations', 'ListAccounts', {}, { region: 'global' })).toMatchObject({
      Accounts: [{ Id: account.accountId, JoinedTimestamp: expect.stringMatching(/Z$/) }],
    })
    const none = await transport.send(
      ask('one', 's3control', 'GetPublicAccessBlock', { AccountId: account.accountId }),
    )
    expect(none).toMatchObject({ ok: false, code: 'NoSuchPublicAccessBlockConfiguration', status: 404 })
  })

  it('keeps documents and bytes as they were sent', async () => {
    await good('iam', 'GenerateCredentialReport', {}, { region: 'global' })
    await good('iam', 'GenerateCredentialReport', {}, { region: 'global' })
    const report = await good('iam', 'GetCredentialReport', {}, { region: 'global' })
    expect(Buffer.from(report.Content as string, 'base64').toString()).toMatch(/^user,arn,/)
    expect(report).not.toHaveProperty('$metadata')
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    const policy = await good('s3', 'GetBucketPolicy', { Bucket: bucket }, { region: 'us-east-1' })
    expect(policy).toEqual({ Policy: '{"Version":"2012-10-17","Statement":[]}' })
  })

  it("gives the provider's codes, and an empty one where HEAD says nothing", async () => {
    const missing = await transport.send(ask('one', 's3', 'GetBucketPolicy', { Bucket: `${bucket}-none` }))
    expect(missing).toMatchObject({ ok: false, kind: 'answer', status: 404, code: 'NoSuchBucket' })
    const head = await transport.send(ask('one', 's3', 'HeadBucket', { Bucket: `${bucket}-none` }))
    expect(head).toMatchObject({ ok: false, kind: 'answer', status: 404 })
    const nobody = await transport.send(
      ask('one', 'iam', 'GetUser', { UserName: 'nobody' }, { region: 'global' }),
    )
    expect(nobody).toMatchObject({ ok: false, code: 'NoSuchEntity', request_id: expect.any(String) })
  })

  it('keeps two connections of one process apart, at once', async () => {
    const asked = Array.from({ length: 40 }, async (_, index) => {
      const connection = index % 2 === 0 ? 'one' : 'two'
      const answer = await transport.send(ask(connection, 'sts', 'GetCallerIdentity'))
      return [connection, answer.ok && answer.body.Account]
    })
    const seen = new Set((await Promise.all(asked)).map((pair) => pair.join(' ')))
    expect([...seen].sort()).toEqual([`one ${account.accountId}`, `two ${other.accountId}`])
    const theirs = await transport.send(ask('two', 's3', 'ListBuckets', {}, { region: 'global' }))
    expect(theirs).toMatchObject({ ok: true, body: { Buckets: [] } })
  })

  it('keeps no more clients than allowed, and goes on with those it dropped', async () => {
    const few = createAwsTransport({
      connections: [{ name: 'one', endpoint: account.url, keys: () => account.credentials }],
      limits: { clients: 3 },
    })
    const regions = ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'us-east-1', 'us-west-2']
    const answers = await Promise.all(
      [...regions, ...regions].map((region) => few.send(ask('one', 'kms', 'ListKeys', {}, { region }))),
    )
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(few.clients).toBe(3)
    await few.close()
    expect(few.clients).toBe(0)
  })
})

describe('what the network does', () => {
  it('is refused, not found, silent or cancelled, each in time', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port: closedPort } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))

    const transport = createAwsTransport({
      connections: [
        { name: 'silent', endpoint: `http://127.0.0.1:${port}`, keys },
        { name: 'closed', endpoint: `http://127.0.0.1:${closedPort}`, keys },
        { name: 'nowhere', endpoint: 'http://no-such-host.invalid', keys },
      ],
    })
    const began = performance.now()
    const late = transport.send(ask('silent', 'kms', 'ListKeys', {}, { deadline: Date.now() + 300 }))
    const stop = new AbortController()
    const cancelled = transport.send(ask('silent', 'kms', 'ListKeys', {}, { signal: stop.signal }))
    setTimeout(() => stop.abort(), 100)
    expect(await cancelled).toMatchObject({ ok: false, kind: 'cancelled' })
    expect(await late).toMatchObject({ ok: false, kind: 'timeout', metadata: { host: '127.0.0.1' } })
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(await transport.send(ask('closed', 'kms', 'ListKeys'))).toMatchObject({
      ok: false,
      kind: 'network',
      code: 'ECONNREFUSED',
      metadata: { host: '127.0.0.1' },
    })
    expect(await transport.send(ask('nowhere', 'kms', 'ListKeys'))).toMatchObject({
      ok: false,
      kind: 'network',
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    })
    expect(
      await transport.send(ask('silent', 'kms', 'ListKeys', {}, { deadline: Date.now() - 1 })),
    ).toMatchObject({ ok: false, kind: 'timeout' })
    await transport.close()
    silent.close()
  })

  it('follows a bucket into its region', async () => {
    const asked: string[] = []
    const s3 = createHttp((incoming, response) => {
      const region = /\/([a-z0-9-]+)\/s3\/aws4_request/.exec(incoming.headers.authorization ?? '')?.[1]
      asked.push(`${region} ${incoming.url}`)
      if (region === 'us-west-2')
        return void response.end(
          '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
        )
      response.writeHead(301, { 'x-amz-bucket-region': 'us-west-2' })
      response.end('<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>')
    })
    await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', resolve))
    const { port } = s3.address() as { port: number }
    const transport = createAwsTransport({
      connections: [{ name: 'a', endpoint: `http://127.0.0.1:${port}`, keys }],
    })
    expect(await transport.send(ask('a', 's3', 'GetBucketVersioning', { Bucket: 'one' }))).toMatchObject({
      ok: true,
      body: { Status: 'Enabled' },
    })
    expect(asked).toEqual(['eu-west-1 /one/?versioning=', 'us-west-2 /one/?versioning='])
    await transport.close()
    s3.closeAllConnections()
    s3.close()
  })

  it.each([
    ['a login page', 'text/html', '<html><body>Please log in</body></html>'],
    ['a page without its type', 'text/xml', '<!DOCTYPE html><html></html>'],
    ['nothing', 'text/xml', ''],
    ['the start of an answer', 'text/xml', '<?xml version="1.0"?><Some><Inner>1</Inner>'],
    ['another answer', 'text/xml', '<ListRolesResponse></ListRolesResponse>'],
  ])('takes %s for no answer at all', async (what, type, body) => {
    const portal = createHttp(
      (_, response) => void response.writeHead(200, { 'content-type': type }).end(body),
    )
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve))
    const { port } = portal.address() as { port: number }
    const transport = createAwsTransport({
      connections: [{ name: 'a', endpoint: `http://127.0.0.1:${port}`, keys }],
    })
    const asked: [string, string][] = [
      ['kms', 'ListKeys'],
      ['cloudtrail', 'DescribeTrails'],
      ['organizations', 'ListAccounts'],
      ['account', 'ListRegions'],
      ['ec2', 'DescribeVpcs'],
      ['iam', 'ListUsers'],
      ['elasticloadbalancingv2', 'DescribeLoadBalancers'],
      ['sts', 'GetCallerIdentity'],
    ]
    // S3's answers have no common name: another one of its own would pass.
    if (what !== 'another answer') asked.push(['s3', 'ListBuckets'])
    for (const [service, operation] of asked) {
      const answer = await transport.send(ask('a', service, operation))
      expect(answer, `${service}:${operation}`).toMatchObject({
        ok: false,
        kind: 'answer',
        code: 'UNREADABLE_ANSWER',
      })
    }
    await transport.close()
    portal.closeAllConnections()
    portal.close()
  })

  it.each([
    ['that does not end', undefined, 'ANSWER_TOO_LARGE'],
    ['that is larger than any of AWS is', 3_000_000, 'ANSWER_TOO_LARGE'],
    ['that is built too deep for its parser', 200_000, 'UNREADABLE_ANSWER'],
  ])('reads an answer %s no further', async (what, length, code) => {
    let sent = 0
    let closed = false
    const endless = createHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' })
      response.on('close', () => (closed = true))
      if (what.includes('deep'))
        return void response.end(
          `<DescribeVpcsResponse>${'<a>'.repeat(length ?? 0)}${'</a>'.repeat(length ?? 0)}</DescribeVpcsResponse>`,
        )
      response.write('<DescribeVpcsResponse><vpcSet>')
      const more = () => {
        if (response.destroyed) return
        if (length !== undefined && sent > length)
          return void response.end('</vpcSet></DescribeVpcsResponse>')
        sent += 65_536
        if (response.write(' '.repeat(65_536))) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    })
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve))
    const { port } = endless.address() as { port: number }
    const transport = createAwsTransport({
      connections: [{ name: 'a', endpoint: `http://127.0.0.1:${port}`, keys }],
      limits: { answer_bytes: 2_000_000 },
    })
    const answer = await transport.send(ask('a', 'ec2', 'DescribeVpcs'))
    expect(answer).toMatchObject({ ok: false, kind: 'answer', status: 200, code })
    expect(JSON.stringify(answer)).not.toMatch(/hidden field|RangeError: /)
    expect(
      classifyAnswer(answer as FailedAnswer, {
        read: { operation: 'DescribeVpcs', permission: 'ec2:DescribeVpcs' },
        ...{ service: 'ec2', operation: 'DescribeVpcs', region: 'eu-west-1', region_status: 'opted in' },
        ...{ is_list: true, answers: awsAnswers },
      }),
    ).toMatchObject({
      end: 'error',
      failure: { code, next: expect.stringContaining('in the place of AWS') },
    })
    // What the sockets hold is on its way.
    expect(sent).toBeLessThan(20_000_000)
    await expect.poll(() => closed).toBe(true)
    await transport.close()
    endless.closeAllConnections()
    endless.close()
  })

  it('refuses what is no read, before anything is sent', async () => {
    const transport = createAwsTransport({
      connections: [{ name: 'a', endpoint: 'http://127.0.0.1:9', keys }],
    })
    for (const [service, operation] of [
      ['s3', 'DeleteBucket'],
      ['sts', 'GetSessionToken'],
      ['kms', 'Decrypt'],
      ['ec2', 'GetPasswordData'],
      ['s3', 'GetNothing'],
      ['constructor', 'ListKeys'],
    ] as const) {
      await expect(transport.send(ask('a', service, operation))).rejects.toThrow(/read|operation|client/)
    }
    await transport.close()
  })

  it('loads no SDK before the first call', async () => {
    const program = `
      const began = performance.now()
      const { createAwsTransport } = await import(${JSON.stringify(new URL('./transport.ts', import.meta.url).href)})
      await import(${JSON.stringify(new URL('../tables.generated.ts', import.meta.url).href)})
      createAwsTransport({ connections: [{ name: 'a' }] })
      const { createRequire } = await import('node:module')
      const { cache } = createRequire(import.meta.url)
      const ms = performance.now() - began
      const sdk = () => Object.keys(cache).filter((file) => /node_modules.@(aws-sdk|smithy)/.test(file))
      const loaded = sdk()
      await import('@aws-sdk/client-sts')
      console.log(JSON.stringify({ ms, loaded, seen: sdk().length > 0 }))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    })
    const { ms, loaded, seen } = JSON.parse(stdout) as { ms: number; loaded: string[]; seen: boolean }
    expect(seen, 'the look at the cache can see an SDK').toBe(true)
    expect(loaded).toEqual([])
    console.info(`transport and tables imported in ${ms.toFixed(0)} ms`)
  })
})
