import { tables } from '../src/collect/tables.generated.ts'
import type { Json } from '../src/core/json.ts'
import { buildCatalogue } from '../src/lake/catalogue.ts'
import type { CollectedResource } from '../src/lake/collected.ts'
import { ensureLake } from '../src/lake/ensure-lake.ts'
import { openCellWrite } from '../src/lake/open-cell-write.ts'
import { benchDatabase } from './engines.ts'
import { figure, peakMegabytes, say, seconds } from './measure.ts'

const accounts = 100
const table = 'aws_security_group'

/** A million documents through projection into each engine; then again with one in a hundred changed. */
export async function documents(
  resources: number,
  engines: readonly ('duckdb' | 'postgres')[],
): Promise<void> {
  say(
    `documents: ${resources.toLocaleString('en')} security groups with three rules each, in ${accounts} accounts`,
  )
  for (const name of engines) {
    const { db, close } = await benchDatabase(name)
    try {
      const catalogue = buildCatalogue(tables)
      await ensureLake(db, catalogue)
      const each = Math.round(resources / accounts)
      let now = new Date('2026-01-01T00:00:00Z')
      const scan = (round: number) =>
        seconds(async () => {
          now = new Date(now.getTime() + 3_600_000)
          for (let account = 0; account < accounts; account++) {
            const account_id = String(100_000_000_000 + account)
            const cell = { account_id, table, part: 'eu-west-1' }
            const write = openCellWrite(db, catalogue, cell, { clock: { now: () => now }, partition: 'aws' })
            for (let from = 0; from < each; from += 200) {
              const size = Math.min(200, each - from)
              await write.add(
                Array.from({ length: size }, (_, nr) => group(account_id, from + nr, round, now)),
              )
            }
            await write.finish({ state: 'ok', listed_at: now, calls: 1, throttles: 0, duration_ms: 1 })
          }
        })
      const first = await scan(0)
      figure(
        `${name}, first`,
        `${Math.round(resources / first).toLocaleString('en')} resources/s (${first.toFixed(0)} s)`,
      )
      const second = await scan(1)
      const versions = await db.query<{ n: number }>('select count(*) as n from stance.resource_version')
      figure(
        `${name}, again with 1 % changed (${versions[0]?.n.toLocaleString('en')} versions)`,
        `${Math.round(resources / second).toLocaleString('en')} resources/s (${second.toFixed(0)} s)`,
      )
      figure('peak memory of the process so far', `${peakMegabytes()} MB`, '≤ 1,500 MB')
    } finally {
      await close()
    }
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
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
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

function permission(port: number, cidr: string): Json {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: cidr }] }
}
