import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../../../test/setup/moto-account.ts'
import type { JsonObject } from '../../core/json.ts'
import { replaceSecrets } from '../kernel/replace-secrets.ts'
import { secretGate } from '../kernel/secret-gate.ts'
import type { TransportAnswer, TransportRequest } from '../kernel/transport.ts'
import { parseFaults } from '../transport/faults.ts'
import { readRecording } from '../transport/read-recording.ts'
import { recordAws } from './record.ts'
import { type ReplayServer, replayConnection, replayServer } from './replay-server.ts'
import { createAwsTransport } from './transport.ts'

const canary = 'CANARY<&>"\'€ pass=hunter2\n'
const tagCanary = 'CANARY-tag-value-1'
const secrets = new Map([
  ['aws/ec2/DescribeInstanceAttribute', ['UserData.Value']],
  ['aws/ec2/DescribeTags', ['Tags.Value']],
  ['aws/ec2/DescribeInstances', ['Reservations.Instances.Tags.Value']],
  ['aws/kms/DescribeKey', ['KeyMetadata.Description']],
  ['aws/kms/ListResourceTags', ['Tags.TagValue']],
  ['aws/iam/GetRolePolicy', ['PolicyDocument']],
  ['aws/s3/GetBucketPolicy', ['Policy']],
])
const key = 'key of the test'

motoDescribe('a recording', () => {
  let account: MotoAccount
  let directory: string
  let asked: TransportRequest[]
  let live: TransportAnswer[]
  let server: ReplayServer
  const bucket = `stance-record-${process.pid}`

  const request = (service: string, operation: string, input: JsonObject = {}, region = 'us-east-1') => ({
    connection: 'live',
    account_id: account.accountId,
    region,
    service,
    operation,
    input,
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
  })

  beforeAll(async () => {
    account = await motoAccount()
    directory = await mkdtemp(join(tmpdir(), 'stance-recording-'))
    const { instance, keyId } = await plant(account, bucket)
    asked = [
      request('sts', 'GetCallerIdentity', {}, 'eu-west-1'),
      request('s3', 'ListBuckets'),
      request('s3', 'GetBucketPolicy', { Bucket: bucket }),
      request('s3', 'GetBucketVersioning', { Bucket: bucket }),
      request('s3', 'GetPublicAccessBlock', { Bucket: bucket }),
      request('s3', 'HeadBucket', { Bucket: bucket }),
      request('iam', 'GetRolePolicy', { RoleName: 'one', PolicyName: 'inline' }, 'global'),
      request('iam', 'ListRoles', { MaxItems: 1 }, 'global'),
      request('iam', 'GetUser', { UserName: 'nobody' }, 'global'),
      request('ec2', 'DescribeInstanceAttribute', { InstanceId: instance, Attribute: 'userData' }),
      request('ec2', 'DescribeTags', {}),
      request('ec2', 'DescribeRegions', { AllRegions: true }),
      request('ec2', 'DescribeInstances', {}),
      request('kms', 'DescribeKey', { KeyId: keyId }),
      request('kms', 'ListResourceTags', { KeyId: keyId }),
      request('cloudtrail', 'DescribeTrails', {}, 'eu-west-1'),
      request('elasticloadbalancingv2', 'DescribeLoadBalancers'),
      request('organizations', 'DescribeOrganization', {}, 'global'),
      request('s3control', 'GetPublicAccessBlock', { AccountId: account.accountId }),
      request('account', 'GetContactInformation', {}, 'global'),
      { ...request('sts', 'GetCallerIdentity'), account_id: '' },
    ]
    const recorder = await recordAws({ directory, secrets, key, gzip: true })
    const transport = createAwsTransport({
      connections: [{ name: 'live', endpoint: account.url, keys: () => account.credentials }],
      listen: recorder.listen,
    })
    const gated = secretGate(secrets, key)(transport)
    live = await Promise.all(asked.map((one) => gated.send(one)))
    await transport.close()
    expect(await recorder.close()).toMatchObject({ unrecorded: [], exchanges: expect.any(Number) })
    server = await replayServer(await readRecording(directory))
  })
  afterAll(async () => {
    await server.stop()
    await rm(directory, { recursive: true })
  })

  const replaying = (url: string) => createAwsTransport({ connections: [replayConnection('live', { url })] })

  it('gives through the real SDK what the cloud gave, byte for byte', async () => {
    const transport = replaying(server.url)
    const gated = secretGate(secrets, 'another key')(transport)
    for (const [index, one] of asked.entries()) {
      const before = live[index]!
      const again = await gated.send(one)
      if (!before.ok && before.status !== undefined && before.status >= 500) {
        expect(again, one.operation).toMatchObject({ ok: false, status: 501, code: 'NotRecorded' })
        continue
      }
      expect(told(again), one.operation).toBe(told(before))
      expect(again.answered_at?.getTime()).toBeGreaterThan(Date.now() - 600_000)
    }
    await transport.close()
    expect(live.filter(({ ok }) => ok).length).toBeGreaterThan(14)
  })

  it('holds no secret in any form, and no credential', async () => {
    const text = await everything(directory)
    expect(text).toContain('DescribeInstanceAttribute')
    const forms = [canary, tagCanary, 'hunter2', 'CANARY', account.credentials.accessKeyId]
    for (const form of [...forms, account.credentials.secretAccessKey, account.credentials.sessionToken]) {
      expect(text.includes(form), form.slice(0, 8)).toBe(false)
      const inner = JSON.stringify(form).slice(1, -1)
      for (const spelt of [inner, encodeURIComponent(form)]) expect(text.includes(spelt)).toBe(false)
      // Base64 at any offset: the middle of the three ways it can lie.
      for (const offset of [0, 1, 2]) {
        const encoded = Buffer.from(' '.repeat(offset) + form).toString('base64')
        expect(text.includes(encoded.slice(4, -4).slice(0, 40) || '\0'), form).toBe(false)
      }
    }
  })

  it('knows whom it speaks of, and which connection asked for itself', async () => {
    const recording = await readRecording(directory)
    expect(recording.accounts).toEqual([account.accountId])
    expect(recording.connections).toEqual(['live'])
    expect(Date.now() - recording.recorded_at.getTime()).toBeLessThan(600_000)
    const transport = createAwsTransport({ connections: [replayConnection('another', server)] })
    const own = { ...request('sts', 'GetCallerIdentity'), account_id: '', connection: 'another' }
    expect(await transport.send(own)).toMatchObject({ ok: false, code: 'NotRecorded' })
    await transport.close()
  })

  it('answers what it does not know, or another account, with an error', async () => {
    const transport = replaying(server.url)
    const unknown = await transport.send(request('ec2', 'DescribeVolumes'))
    expect(unknown).toMatchObject({ ok: false, kind: 'answer', status: 501, code: 'NotRecorded' })
    const elsewhere = await transport.send(request('ec2', 'DescribeTags', {}, 'eu-west-3'))
    expect(elsewhere).toMatchObject({ code: 'NotRecorded' })
    const other = await transport.send({ ...request('s3', 'ListBuckets'), account_id: '444455556666' })
    expect(other).toMatchObject({ code: 'NotRecorded' })
    const json = await transport.send(request('kms', 'ListGrants', { KeyId: 'x' }))
    expect(json).toMatchObject({ code: 'NotRecorded', status: 501 })
    await transport.close()
    expect(server.unknown().map(({ operation }) => operation)).toContain('DescribeVolumes')
  })

  it('injects faults on the wire', async () => {
    const faults = parseFaults(
      `ec2:DescribeTags=denied kms:DescribeKey=throttled(1) s3:ListBuckets=error(503:ServiceUnavailable)
       iam:GetUser=silent ec2:DescribeRegions=slow(150ms) cloudtrail@eu-west-1=omitted
       organizations:*=denied s3:HeadBucket=denied`,
    )
    const faulty = await replayServer(await readRecording(directory), { faults })
    const transport = replaying(faulty.url)
    const ask = (service: string, operation: string) =>
      transport.send(asked.find((one) => one.service === service && one.operation === operation)!)
    expect(await ask('ec2', 'DescribeTags')).toMatchObject({ status: 403, code: 'UnauthorizedOperation' })
    expect(await ask('kms', 'DescribeKey')).toMatchObject({ ok: false, code: 'ThrottlingException' })
    expect(await ask('kms', 'DescribeKey')).toMatchObject({ ok: true })
    expect(await ask('s3', 'ListBuckets')).toMatchObject({ status: 503, code: 'ServiceUnavailable' })
    expect(await ask('cloudtrail', 'DescribeTrails')).toMatchObject({ code: 'NotRecorded' })
    expect(await ask('organizations', 'DescribeOrganization')).toMatchObject({
      code: 'AccessDeniedException',
    })
    expect(await ask('s3', 'HeadBucket')).toMatchObject({ ok: false, status: 403, code: '' })
    const began = performance.now()
    expect(await ask('ec2', 'DescribeRegions')).toMatchObject({ ok: true })
    expect(performance.now() - began).toBeGreaterThan(140)
    const silent = {
      ...request('iam', 'GetUser', { UserName: 'nobody' }, 'global'),
      deadline: Date.now() + 200,
    }
    expect(await transport.send(silent)).toMatchObject({ kind: 'timeout' })
    await transport.close()
    await faulty.stop()
  })

  it('is the same file for the same answers', async () => {
    const write = async () => {
      const place = await mkdtemp(join(tmpdir(), 'stance-recording-'))
      const now = () => new Date('2026-01-01T00:00:00Z')
      const recorder = await recordAws({ directory: place, secrets, key, now })
      const transport = createAwsTransport({
        connections: [{ name: 'live', endpoint: account.url, keys: () => account.credentials }],
        listen: recorder.listen,
      })
      const shuffled = asked.filter(({ service }) => service !== 'sts').sort(() => Math.random() - 0.5)
      await Promise.all(shuffled.map((one) => transport.send(one)))
      await transport.close()
      await recorder.close()
      const text = await everything(place)
      await rm(place, { recursive: true })
      return text
    }
    expect(await write()).toBe(await write())
  })

  it('refuses an answer whose secret it cannot find on the wire', async () => {
    const place = await mkdtemp(join(tmpdir(), 'stance-recording-'))
    const declared = new Map([['aws/s3/ListBuckets', ['Buckets.CreationDate']]])
    const recorder = await recordAws({ directory: place, secrets: declared, key })
    const transport = createAwsTransport({
      connections: [{ name: 'live', endpoint: account.url, keys: () => account.credentials }],
      listen: async (exchange, one, answer) => {
        const body = exchange.response.body
          .toString()
          .replace(/<CreationDate>[^<]*/g, '<CreationDate>1767225600')
        await recorder.listen(
          { ...exchange, response: { ...exchange.response, body: Buffer.from(body) } },
          one,
          answer,
        )
      },
    })
    expect((await transport.send(request('s3', 'ListBuckets'))).ok).toBe(true)
    await transport.close()
    expect(await recorder.close()).toEqual({
      files: [],
      exchanges: 0,
      unrecorded: [{ service: 's3', operation: 'ListBuckets', reason: expect.stringMatching(/not found/) }],
    })
    await rm(place, { recursive: true })
  })
})

/** Ids of requests are of the moment; all else must be equal. */
function told(answer: TransportAnswer): string {
  const { request_id: _, answered_at: __, ...rest } = answer as { request_id?: string; answered_at?: Date }
  const { bytes: ___, ...kept } = rest as { bytes?: number }
  return JSON.stringify(kept)
}

async function everything(directory: string): Promise<string> {
  const names = (await readdir(directory, { recursive: true }))
    .filter((name) => name.includes('.ndjson'))
    .sort()
  const texts = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(directory, name))
      return name + '\n' + (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    }),
  )
  return texts.join('\n')
}

async function plant(account: MotoAccount, bucket: string): Promise<{ instance: string; keyId: string }> {
  const config = { endpoint: account.url, region: 'us-east-1', credentials: account.credentials }
  const s3sdk = await import('@aws-sdk/client-s3')
  const s3 = new s3sdk.S3Client({ ...config, forcePathStyle: true })
  await s3.send(new s3sdk.CreateBucketCommand({ Bucket: bucket }))
  const statement = { Effect: 'Deny', Action: 's3:*', Resource: '*', Principal: '*', Sid: 'CANARYpolicy' }
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await s3.send(new s3sdk.PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }))
  const iamSdk = await import('@aws-sdk/client-iam')
  const iam = new iamSdk.IAMClient(config)
  for (const RoleName of ['one', 'two']) {
    await iam.send(
      new iamSdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy.replaceAll('CANARY', '') }),
    )
  }
  const PolicyDocument = policy.replace('"Principal":"*",', '')
  await iam.send(new iamSdk.PutRolePolicyCommand({ RoleName: 'one', PolicyName: 'inline', PolicyDocument }))
  const ec2sdk = await import('@aws-sdk/client-ec2')
  const ec2 = new ec2sdk.EC2Client(config)
  const { Instances } = await ec2.send(
    new ec2sdk.RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(canary).toString('base64'),
    }),
  )
  const instance = Instances?.[0]?.InstanceId ?? ''
  await ec2.send(
    new ec2sdk.CreateTagsCommand({ Resources: [instance], Tags: [{ Key: 'password', Value: tagCanary }] }),
  )
  const kmsSdk = await import('@aws-sdk/client-kms')
  const kms = new kmsSdk.KMSClient(config)
  const { KeyMetadata } = await kms.send(
    new kmsSdk.CreateKeyCommand({ Description: canary, Tags: [{ TagKey: 'a', TagValue: 'CANARY short' }] }),
  )
  for (const client of [s3, iam, ec2, kms]) client.destroy()
  return { instance, keyId: KeyMetadata?.KeyId ?? '' }
}

it('leaves what is replaced already as it is', () => {
  const mark = { $secret: { length: 1, hash: '0'.repeat(32), kinds: [], detector: 1 } }
  const body = { A: structuredClone(mark) }
  replaceSecrets(body, ['A'], 'other')
  expect(body).toEqual({ A: mark })
})
