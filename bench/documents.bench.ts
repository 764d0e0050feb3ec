import { tables } from '../src/collect/tables.generated.ts'
import type { Json } from '../src/core/json.ts'
import type { Database } from '../src/db/database.ts'
import { buildCatalogue, type LakeCatalogue } from '../src/lake/catalogue.ts'
import type { CollectedResource } from '../src/lake/collected.ts'
import { ensureLake } from '../src/lake/ensure-lake.ts'
import { openCellWrite } from '../src/lake/open-cell-write.ts'
import { type BenchEngine, benchDatabase } from './engines.ts'
import { about, atMost, figure, peakMegabytes, seconds } from './measure.ts'

const table = 'aws_security_group'
const page = 200

/** A million documents through projection into each engine; then again with one in a hundred changed. */
export async function documents(engine: BenchEngine, scale: number): Promise<void> {
  const accounts = scale < 0.1 ? 10 : 100
  const each = Math.max(100, Math.round((1_000_000 * scale) / accounts))
  const resources = each * accounts
  about(
    `documents, ${engine}: ${resources.toLocaleString('en')} security groups with three rules each, ${accounts} accounts`,
  )
  const { db, close } = await benchDatabase(engine)
  try {
    const catalogue = buildCatalogue(tables)
    await ensureLake(db, catalogue)
    const rate = (time: number) =>
      `${Math.round(resources / time).toLocaleString('en')} resources/s (${time.toFixed(0)} s)`
    figure('first', rate(await seconds(() => scan(db, catalogue, { accounts, each, round: 0 }))))
    figure(
      'again with 1 % changed',
      rate(await seconds(() => scan(db, catalogue, { accounts, each, round: 1 }))),
    )
    const [versions] = await db.query<{ n: number }>('select count(*) as n from stance.resource_version')
    if ((versions?.n ?? 0) === 0)
      throw new Error('nothing changed: the documents are not read as they should be')
    figure('versions kept of what changed', (versions?.n ?? 0).toLocaleString('en'))
    atMost('peak memory of the process, the embedded engine in it', peakMegabytes(), 'MB', 1_500)
  } finally {
    await close()
  }
}

/** One cell after another, as a scan hands them over: page by page. */
async function scan(
  db: Database,
  catalogue: LakeCatalogue,
  { accounts, each, round }: { accounts: number; each: number; round: number },
): Promise<void> {
  const now = new Date(Date.UTC(2026, 0, 1, round))
  for (let account = 0; account < accounts; account++) {
    const account_id = String(100_000_000_000 + account)
    const cell = { account_id, table, part: 'eu-west-1' }
    const write = openCellWrite(db, catalogue, cell, { clock: { now: () => now }, partition: 'aws' })
    for (let from = 0; from < each; from += page) {
      const size = Math.min(page, each - from)
      await write.add(Array.from({ length: size }, (_, nr) => group(account_id, from + nr, round, now)))
    }
    await write.finish({ state: 'ok', listed_at: now, calls: 1, throttles: 0, duration_ms: 1 })
  }
}

function group(account_id: string, nr: number, round: number, now: Date): CollectedResource {
  const id = `sg-${String(nr).padStart(12, '0')}`
  const port = round > 0 && nr % 100 === 0 ? 443 + round : 443
  const content: Json = {
    GroupId: id,
    GroupName: `web-${nr}`,
    Description: 'a security group as there are many of, with a description of a common length',
    OwnerId: account_id,
    VpcId: `vpc-${nr % 50}`,
    SecurityGroupArn: `arn:aws:ec2:eu-west-1:${account_id}:security-group/${id}`,
    IpPermissions: [permission(port, '0.0.0.0/0'), permission(22, '10.0.0.0/8')],
    IpPermissionsEgress: [{ ...always, IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    Tags: [
      { Key: 'team', Value: `team-${nr % 20}` },
      { Key: 'environment', Value: 'production' },
    ],
  }
  return {
    resource_key: `arn:aws:ec2:eu-west-1:${account_id}:security-group/${id}`,
    native_id: id,
    name: `web-${nr}`,
    region: 'eu-west-1',
    owner_account_id: account_id,
    incarnation: '',
    tags: { team: `team-${nr % 20}`, environment: 'production' },
    groups: { list: { state: 'ok', content, read_at: now } },
  }
}

/** What EC2 sends with each permission; without them a group counts as not read. */
const always = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] }

function permission(port: number, cidr: string): Json {
  return { ...always, IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: cidr }] }
}
