import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../../../test/setup/moto-account.ts'
import { systemClock } from '../../core/clock.ts'
import { KeptCell } from '../kernel/collect.fixture.ts'
import { collectCell } from '../kernel/collect-cell.ts'
import type { CollectDeps } from '../kernel/collect-deps.ts'
import { CallCounter } from '../kernel/count-calls.ts'
import { withKernelLayers } from '../kernel/kernel-layers.ts'
import type { PlannedCell } from '../kernel/planned-cell.ts'
import { readOne } from '../kernel/read-one.ts'
import { secretPaths } from '../kernel/secret-paths.ts'
import { SharedReads } from '../kernel/shared-reads.ts'
import { TableRegistry } from '../kernel/table-registry.ts'
import type { Transport } from '../kernel/transport.ts'
import { sources, tables } from '../tables.generated.ts'
import { createAwsTransport } from './transport.ts'

motoDescribe('the kernel over the real SDK', () => {
  const registry = new TableRegistry(tables, sources)
  const counter = new CallCounter()
  const shared = new SharedReads(registry, tmpdir())
  const bucket = `stance-kernel-${process.pid}`
  let account: MotoAccount
  let transport: Transport

  beforeAll(async () => {
    account = await motoAccount()
    const wire = createAwsTransport({
      connections: [{ name: 'one', endpoint: account.url, keys: () => account.credentials }],
    })
    transport = withKernelLayers(wire, {
      counter,
      secrets: { paths: secretPaths(tables, sources), key: 'k' },
    })
    const given = { endpoint: account.url, region: 'us-east-1', credentials: account.credentials }
    const { S3Client, CreateBucketCommand } = await import('@aws-sdk/client-s3')
    const s3 = new S3Client({ ...given, forcePathStyle: true })
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    s3.destroy()
    const { IAMClient, CreateUserCommand, CreateLoginProfileCommand } = await import('@aws-sdk/client-iam')
    const iam = new IAMClient(given)
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    await iam.send(new CreateLoginProfileCommand({ UserName: 'ann', Password: 'Correct-horse-7' }))
    iam.destroy()
  })
  afterAll(async () => {
    await shared.close()
    await transport.close()
  })

  function deps(cell: KeptCell): CollectDeps {
    return {
      registry,
      transports: new Map([['aws', transport]]),
      clock: systemClock,
      signal: new AbortController().signal,
      shared,
      secret_key: 'k',
      openWriter: () => cell,
    }
  }
  function planned(table: string, part: string): PlannedCell {
    return {
      account_id: account.accountId,
      table,
      part,
      connection: 'one',
      partition: 'aws',
      region_status: 'opted in',
    }
  }
  async function read(table: string, part: string): Promise<KeptCell> {
    const cell = new KeptCell()
    await collectCell(planned(table, part), deps(cell))
    return cell
  }

  it('reads a bucket with its settings, absent ones too', async () => {
    const cell = await read('aws_s3_bucket', 'global')
    expect(cell.end).toMatchObject({ state: 'ok' })
    const one = cell.named(bucket)!
    expect(one).toMatchObject({ resource_key: `arn:aws:s3:::${bucket}` })
    expect(one.groups.versioning).toMatchObject({ state: 'ok' })
    expect(one.groups.public_access_block).toMatchObject({ state: 'absent' })
  })

  it('reads what is listed in a region, one resource the same way', async () => {
    const cell = await read('aws_security_group', 'eu-west-1')
    expect(cell.end).toMatchObject({ state: 'ok', calls: 1 })
    const [first] = cell.resources
    const one = await readOne(
      registry.table('aws_security_group'),
      first!.native_id,
      planned('aws_security_group', 'eu-west-1'),
      deps(cell),
    )
    expect(one).toMatchObject({ end: 'found', resource: { resource_key: first!.resource_key } })
    if (one.end === 'found') expect(one.resource.groups.list?.content).toEqual(first!.groups.list?.content)
    const gone = await readOne(
      registry.table('aws_security_group'),
      'sg-00000000',
      planned('aws_security_group', 'eu-west-1'),
      deps(cell),
    )
    expect(gone.end).toBe('gone')
  })

  it('reads users from sources, once for all cells', async () => {
    const [first, second] = await Promise.all([
      read('aws_iam_user', 'global'),
      read('aws_iam_user', 'global'),
    ])
    expect(first?.end).toMatchObject({ state: 'ok' })
    expect(second?.resources).toEqual(first?.resources)
    expect(first?.named('ann')?.groups.credentials).toMatchObject({ state: 'ok' })
    const details = counter
      .summary()
      .operations.filter(({ operation }) => operation === 'GetAccountAuthorizationDetails')
    expect(details).toMatchObject([{ calls: 1, failures: 0 }])
  })
})
