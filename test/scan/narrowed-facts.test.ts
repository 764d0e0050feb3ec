import { expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'

const accounts = [careless]
const copies = { copies: 'one for all', engines: oneEngine() } as const

eachScannedStore('a scan narrowed to users', copies, (scanned) => {
  const day = daysOfEstate()

  it('reads the new group of one, which makes him an administrator', { timeout: 120_000 }, async () => {
    const { stance, estate } = scanned()
    const { db } = stance
    const cid = async () => {
      const rows = await db.query<{ is_admin: boolean; verdict: string }>(
        `select u.is_admin, f.verdict from lake.aws_iam_user u
         join stance.finding f on f.account_id = u.account_id and f.resource_key = u.resource_key
         where u.account_id = $1 and u.user_name = 'cid' and f.rule_id = 'aws-iam-user-is-no-administrator'`,
        accounts,
      )
      return rows[0]
    }
    expect(await cid()).toEqual({ is_admin: false, verdict: 'pass' })
    const second = await day({ clock: estate.clock, edit: edited({ GetAccountAuthorizationDetails: joins }) })
    await second.scan(stance, { narrowing: { accounts, tables: ['aws_iam_user'] } })
    expect(await cid()).toEqual({ is_admin: true, verdict: 'fail' })
  })
})

eachScannedStore('a scan narrowed to a rule', copies, (scanned) => {
  const day = daysOfEstate()

  it('reads what its severity hangs on', { timeout: 120_000 }, async () => {
    const { stance, estate } = scanned()
    const { db } = stance
    const before = edited({
      DescribeInstances: (body) => body.replaceAll('<name>running</name>', '<name>terminated</name>'),
      DescribeNetworkInterfaces: (body) => body.replaceAll(/<instanceId>i-\w+</g, '<instanceId>i-0<'),
      DescribeTargetHealth: (body) => body.replaceAll(/<Id>i-\w+</g, '<Id>i-0<'),
    })
    const first = await day({ clock: estate.clock, edit: before })
    const services = ['iam', 'ec2', 'elbv2']
    await first.scan(stance, { narrowing: { accounts, services } })
    const rule = 'aws-ec2-instance-requires-imdsv2'
    const second = await day({ clock: first.clock })
    const instances = () =>
      db.query<{ is_public: boolean; severity: string }>(
        `select i.is_public, f.severity from lake.aws_instance i
         join stance.finding f on f.account_id = i.account_id and f.resource_key = i.resource_key
         where i.account_id = $1 and f.rule_id = $2 order by i.instance_id nulls last`,
        [careless, rule],
      )
    expect(await instances()).toEqual([])
    await second.scan(stance, { narrowing: { accounts, rules: [rule] } })
    const narrowed = await instances()
    expect(narrowed.some(({ is_public }) => is_public)).toBe(true)
    await second.scan(stance, { narrowing: { accounts, services } })
    expect(narrowed).toEqual(await instances())
  })
})

eachScannedStore('a scan narrowed to a service', copies, (scanned) => {
  const day = daysOfEstate()

  it('counts what hangs on its own, and says what lies outside that its verdicts hang on', {
    timeout: 120_000,
  }, async () => {
    const { stance, estate } = scanned()
    const { db } = stance
    const denied = await day({ clock: estate.clock, faults: 'cloudtrail:DescribeTrails=denied' })
    await denied.scan(stance, { narrowing: { accounts } })
    const unknownOf = ({ findings }: Awaited<ReturnType<typeof summarizeScan>>) =>
      Object.values(findings).reduce((sum, { unknown }) => sum + unknown, 0)
    const s3 = { accounts, tables: ['aws_s3_bucket'] }
    const narrowed = await summarizeScan(db, stance.set, await denied.scan(stance, { narrowing: s3 }), s3)
    expect(narrowed.coverage).toEqual([])
    expect(unknownOf(narrowed)).toBeGreaterThan(0)
    expect(narrowed.coverage_outside).toMatchObject([
      { action: 'cloudtrail:DescribeTrails', state: 'denied', unknown_findings: unknownOf(narrowed) },
    ])
    const trails = { accounts, tables: ['aws_cloudtrail'] }
    const own = await summarizeScan(db, stance.set, await denied.scan(stance, { narrowing: trails }), trails)
    expect(own.coverage).toMatchObject([{ action: 'cloudtrail:DescribeTrails' }])
    expect(own.coverage[0]!.unknown_findings).toBe(unknownOf(own))
    expect(own.coverage_outside).toEqual([])
  })
})

function edited(edits: Readonly<Record<string, (body: string) => string>>) {
  return (exchanges: Recording['exchanges']): Recording['exchanges'] =>
    exchanges.map((exchange) => {
      const edit = exchange.account_id === careless ? edits[exchange.operation] : undefined
      if (edit === undefined) return exchange
      return { ...exchange, body: edit(fromBody(exchange.body).toString('utf8')) }
    })
}

/** cid joins a group that was made with him. */
function joins(body: string): string {
  const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
  const policy = `<PolicyName>all</PolicyName><PolicyDocument>${encodeURIComponent(everything)}</PolicyDocument>`
  const arn = `arn:aws:iam::${careless}:group/rulers`
  const group = [
    `<Path>/</Path><GroupName>rulers</GroupName><GroupId>AGPARULERS0000000000</GroupId><Arn>${arn}</Arn>`,
    `<CreateDate>2026-11-21T14:27:50Z</CreateDate><GroupPolicyList><member>${policy}</member></GroupPolicyList>`,
    '<AttachedManagedPolicies/>',
  ]
  return body
    .replace(
      /(<UserName>cid<\/UserName>.*?)<GroupList\/>/s,
      '$1<GroupList><member>rulers</member></GroupList>',
    )
    .replace('<GroupDetailList><member>', `<GroupDetailList><member>${group.join('')}</member><member>`)
}
