import { expect, it } from 'vitest'
import { applyEvents } from '../../src/run/apply-events.ts'
import type { ScanNarrowing } from '../../src/run/scan.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import {
  aliasOf,
  behindBalancer,
  bucketIs,
  type Edit,
  groupUsedBy,
  keyOfOther,
  listenerEntry,
  profileNamed,
  roleIsMighty,
  targetsByAddress,
  twoListeners,
  twoRoles,
} from './one-moment.fixture.ts'

/*
 * What a failed read left as it was may confirm a verdict, and not make it another. Two things change together, and one of them cannot be read, or is read later: what is known of both was at no moment true
 * together. Each definite verdict is one of the day before or of today; nobody is told of what never happened.
 */
interface Day {
  edit: Edit
  faults?: string
  narrowing?: ScanNarrowing
  verdicts: readonly string[]
}

const machine = 'aws-ec2-public-instance-is-no-administrator'
const own = { accounts: [careless] }
const networks = { ...own, services: ['ec2', 'elbv2', 'iam'] }
interface Story {
  rule: string
  /** How the keys of the resources that are meant end; all where left out. What was said of them when they were recorded comes first. */
  of?: string
  narrowing: ScanNarrowing
  days: Day[]
  events: string[]
}

const stories: Record<string, Story> = {
  'a machine that cannot be read, and the roles that it had and has change places': {
    rule: machine,
    narrowing: { ...own, tables: ['aws_instance', 'aws_iam_role'] },
    days: [
      { edit: twoRoles('a'), verdicts: ['fail'] },
      { edit: twoRoles('b'), faults: 'ec2:DescribeInstances=throttled', verdicts: ['unknown'] },
      { edit: twoRoles('b'), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'the same, where the machine is read, and later than the roles': {
    rule: machine,
    narrowing: { ...own, tables: ['aws_instance', 'aws_iam_role'] },
    days: [
      { edit: twoRoles('a'), verdicts: ['fail'] },
      { edit: twoRoles('b'), faults: 'ec2:DescribeInstances=slow(2500ms)', verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'the same, where the roles cannot be read': {
    rule: machine,
    narrowing: { ...own, tables: ['aws_instance', 'aws_iam_role'] },
    days: [
      { edit: twoRoles('a'), verdicts: ['fail'] },
      { edit: twoRoles('b'), faults: 'iam:GetAccountAuthorizationDetails=throttled', verdicts: ['unknown'] },
      { edit: twoRoles('b'), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'one setting of a bucket is kept, and another has changed': {
    rule: 'aws-s3-bucket-is-not-public',
    of: 'larkspur-images',
    narrowing: { ...own, services: ['s3'] },
    days: [
      { edit: bucketIs({ policy: 'open', acl: 'closed', block: 'off' }), verdicts: ['fail'] },
      {
        edit: bucketIs({ policy: 'closed', acl: 'open', block: 'off' }),
        faults: 's3:GetBucketAcl=throttled',
        verdicts: ['unknown'],
      },
      { edit: bucketIs({ policy: 'closed', acl: 'open', block: 'off' }), verdicts: ['fail'] },
    ],
    events: [],
  },
  'one setting is kept, and what another would open is open by one that was read': {
    rule: 'aws-s3-bucket-is-not-public',
    of: 'larkspur-images',
    narrowing: { ...own, services: ['s3'] },
    days: [
      { edit: bucketIs({ policy: 'closed', acl: 'closed', block: 'off' }), verdicts: ['pass'] },
      {
        edit: bucketIs({ policy: 'open', acl: 'closed', block: 'off' }),
        faults: 's3:GetBucketAcl=throttled',
        verdicts: ['fail'],
      },
    ],
    events: ['reopened', 'resolved'],
  },
  'one setting is kept, and nothing else changed': {
    rule: 'aws-s3-bucket-is-not-public',
    of: 'larkspur-images',
    narrowing: { ...own, services: ['s3'] },
    days: [
      { edit: bucketIs({ policy: 'open', acl: 'closed', block: 'off' }), verdicts: ['fail'] },
      {
        edit: bucketIs({ policy: 'open', acl: 'closed', block: 'off' }),
        faults: 's3:GetBucketPolicy=throttled',
        verdicts: ['fail'],
      },
    ],
    events: [],
  },
  'the policy of a bucket is kept, and the block of its account, which no column names, is off': {
    rule: 'aws-s3-bucket-is-not-public',
    of: 'larkspur-images',
    narrowing: { ...own, services: ['s3'] },
    days: [
      { edit: bucketIs({ policy: 'open', accountBlock: 'on' }), verdicts: ['pass'] },
      {
        edit: bucketIs({ policy: 'closed', accountBlock: 'off' }),
        faults: 's3:GetBucketPolicy=throttled',
        verdicts: ['unknown'],
      },
      { edit: bucketIs({ policy: 'closed', accountBlock: 'off' }), verdicts: ['pass'] },
    ],
    events: ['resolved'],
  },
  'machines are kept, their roles are as they were, and the policies of these have changed places': {
    rule: machine,
    narrowing: { ...own, services: ['iam', 'ec2'] },
    days: [
      { edit: twoRoles('a', 'attached'), verdicts: ['fail'] },
      {
        edit: twoRoles('b', 'attached'),
        faults: 'ec2:DescribeInstances=throttled',
        verdicts: ['unknown'],
      },
      { edit: twoRoles('b', 'attached'), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'a group is kept that the list of interfaces has lost, and another group came to name it': {
    rule: 'aws-ec2-security-group-is-in-use',
    narrowing: { ...own, services: ['ec2'] },
    of: 'sg-5e4f909a5d433b097',
    days: [
      { edit: groupUsedBy('interface'), verdicts: ['pass'] },
      {
        edit: groupUsedBy('rule'),
        faults: 'ec2:DescribeSecurityGroups=throttled',
        verdicts: ['unknown'],
      },
      { edit: groupUsedBy('rule'), verdicts: ['pass'] },
    ],
    events: [],
  },
  'a key of another account whose lists are read later': {
    rule: 'aws-s3-bucket-key-can-be-used',
    narrowing: { services: ['s3', 'kms'] },
    of: 'larkspur-images',
    days: [
      { edit: keyOfOther(0), verdicts: ['pass'] },
      { edit: keyOfOther(1), faults: '111122223333/kms:*=slow(1500ms)', verdicts: ['pass'] },
    ],
    events: [],
  },
  'a new machine, and the targets of a load balancer that were read before it was one': {
    rule: machine,
    narrowing: networks,
    days: [
      { edit: behindBalancer({ hasMachine: false }), verdicts: [] },
      {
        edit: behindBalancer({ hasMachine: true }),
        faults: 'elasticloadbalancingv2:DescribeTargetHealth=throttled',
        verdicts: ['unknown'],
      },
      { edit: behindBalancer({ hasMachine: true }), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'a bucket that names a new alias, and aliases that were read before': {
    rule: 'aws-s3-bucket-key-can-be-used',
    narrowing: { ...own, services: ['s3', 'kms'] },
    days: [
      { edit: aliasOf('orders'), verdicts: ['pass'] },
      { edit: aliasOf('fresh'), faults: 'kms:ListAliases=throttled', verdicts: ['unknown'] },
      { edit: aliasOf('fresh'), verdicts: ['pass'] },
    ],
    events: [],
  },
  'a profile that came and went between two reads of the list': {
    rule: machine,
    narrowing: own,
    days: [
      { edit: profileNamed('first'), verdicts: ['fail'] },
      {
        edit: profileNamed('old'),
        faults: 'iam:GetAccountAuthorizationDetails=throttled',
        verdicts: ['unknown'],
      },
      { edit: profileNamed('new'), faults: 'ec2:DescribeInstances=throttled', verdicts: ['unknown'] },
      { edit: profileNamed('new'), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'the same, where the list was denied, and is the only one that is read afterwards': {
    rule: machine,
    narrowing: own,
    days: [
      { edit: profileNamed('first'), verdicts: ['fail'] },
      {
        edit: profileNamed('old'),
        faults: 'iam:GetAccountAuthorizationDetails=denied',
        verdicts: ['unknown'],
      },
      { edit: profileNamed('new'), narrowing: { ...own, services: ['iam'] }, verdicts: ['unknown'] },
      { edit: profileNamed('new'), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
  'an alias that came and went, looked up in whichever account has it': {
    rule: 'aws-s3-bucket-key-can-be-used',
    narrowing: { ...own, services: ['s3', 'kms'] },
    days: [
      { edit: aliasOf('orders'), verdicts: ['pass'] },
      { edit: aliasOf('old'), faults: 'kms:ListKeys=throttled', verdicts: ['unknown'] },
      { edit: aliasOf('new'), faults: 's3:GetBucketEncryption=throttled', verdicts: ['unknown'] },
      { edit: aliasOf('new'), verdicts: ['pass'] },
    ],
    events: [],
  },
  'an address that a target group of another network still has': {
    rule: machine,
    narrowing: networks,
    days: [
      { edit: targetsByAddress('10.7.0.4'), verdicts: ['fail'] },
      {
        edit: targetsByAddress('10.7.0.9'),
        faults: 'ec2:DescribeInstances=throttled',
        verdicts: ['unknown'],
      },
      { edit: targetsByAddress('10.7.0.9'), verdicts: ['fail'] },
    ],
    events: ['failed'],
  },
}

const options = { copies: 'one each', engines: oneEngine() } as const
eachScannedStore('what was true at no moment', options, (scanned) => {
  const openDay = daysOfEstate()
  let since = new Date(0)
  const said = async (rule: string, of = '') => {
    const { db } = scanned().stance
    const rows = await db.query<{ verdict: string; evidence: string | null }>(
      `select f.verdict, f.evidence from stance.finding f
       left join lake.aws_instance i on i.account_id = f.account_id and i.resource_key = f.resource_key
       where f.account_id = $1::text and f.rule_id = $2::text and (i.region is null or i.region = 'eu-west-1')
         and f.resource_key like $3::text`,
      [careless, rule, `%${of}`],
    )
    const events = await db.query<{ kind: string }>(
      `select distinct e.kind from stance.finding_event e
       where e.account_id = $1::text and e.rule_id = $2::text and e.resource_key like $3::text
         and e.happened_at >= $4::timestamptz order by e.kind nulls last`,
      [careless, rule, `%${of}`, since],
    )
    const unexplained = rows.filter(({ verdict, evidence }) => {
      const { unread = [] } = JSON.parse(evidence ?? '{}') as { unread?: { code?: string }[] }
      return verdict === 'unknown' && !unread.some(({ code }) => code !== undefined && code !== '')
    })
    return {
      verdicts: [...new Set(rows.map(({ verdict }) => verdict))],
      events: events.map(({ kind }) => kind),
      unexplained: unexplained.map(({ evidence }) => evidence),
    }
  }

  it.each(Object.entries(stories))('is no verdict: %s', { timeout: longest }, async (_, story) => {
    const { stance, estate } = scanned()
    since = estate.clock.now()
    for (const { edit, faults, narrowing = story.narrowing, verdicts } of story.days) {
      const day = await openDay({ clock: estate.clock, edit, ...(faults === undefined ? {} : { faults }) })
      await day.scan(stance, { narrowing })
      expect(await said(story.rule, story.of)).toMatchObject({ verdicts, unexplained: [] })
    }
    expect((await said(story.rule, story.of)).events).toEqual(story.events)
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('is no verdict: one listener that an event brought, of two that a list does not have yet', {
    timeout: longest,
  }, async () => {
    const { stance, estate } = scanned()
    const rule = 'aws-elbv2-load-balancer-leads-to-https'
    const narrowing = { ...own, services: ['elbv2', 'ec2'] }
    const none = await openDay({ clock: estate.clock, edit: twoListeners(false) })
    await none.scan(stance, { narrowing })
    const faults = 'elasticloadbalancingv2:DescribeListeners=throttled'
    const some = await openDay({ clock: estate.clock, edit: twoListeners(true), faults })
    await some.scan(stance, { narrowing })
    expect((await said(rule)).verdicts).toEqual(['unknown'])
    const whole = await openDay({ clock: estate.clock, edit: twoListeners(true) })
    estate.clock.skip(60_000)
    const entry = listenerEntry(estate.clock.now())
    const { resources } = await applyEvents(stance, { settings: whole.settings }, [entry])
    expect(resources).toContainEqual(
      expect.objectContaining({ table: 'aws_lb_listener', outcome: 'changed' }),
    )
    expect(await said(rule)).toMatchObject({ verdicts: ['unknown'], unexplained: [] })
    await whole.scan(stance, { narrowing })
    expect((await said(rule)).verdicts).toEqual(['fail'])
  })

  const both = { ...own, tables: ['aws_instance', 'aws_iam_role'] }
  const slowly = 'ec2:DescribeInstances=slow(2500ms)'

  it('is no verdict of a scan that begins and ends while another has read one side', {
    timeout: longest,
  }, async () => {
    const { stance, estate } = scanned()
    since = estate.clock.now()
    await (await openDay({ clock: estate.clock, edit: twoRoles('a') })).scan(stance, { narrowing: both })
    expect((await said(machine)).verdicts).toEqual(['fail'])
    const slow = await openDay({ clock: estate.clock, edit: twoRoles('b'), faults: slowly })
    const running = slow.scan(stance, { narrowing: both })
    await roleIsMighty(stance.db, 'b')
    const beside = await openDay({ clock: estate.clock, edit: twoRoles('b') })
    await beside.scan(stance, { narrowing: { ...own, services: ['kms'] } })
    expect(await said(machine)).toMatchObject({ verdicts: ['unknown'], unexplained: [] })
    await running
    expect(await said(machine)).toMatchObject({ verdicts: ['fail'], events: ['failed'] })
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('is no verdict of a scan that was cut off when it had read one side', { timeout: longest }, async () => {
    const { stance, estate } = scanned()
    since = estate.clock.now()
    await (await openDay({ clock: estate.clock, edit: twoRoles('a') })).scan(stance, { narrowing: both })
    const slow = await openDay({ clock: estate.clock, edit: twoRoles('b'), faults: slowly })
    const stop = new AbortController()
    const running = slow.scan(stance, { narrowing: both, signal: stop.signal })
    await roleIsMighty(stance.db, 'b')
    stop.abort()
    await running
    expect(await said(machine)).toMatchObject({ verdicts: ['unknown'], unexplained: [] })
    const others = await openDay({ clock: estate.clock, edit: twoRoles('b') })
    await others.scan(stance, { narrowing: { ...own, services: ['kms'] } })
    expect((await said(machine)).verdicts).toEqual(['unknown'])
    await others.scan(stance, { narrowing: both })
    expect(await said(machine)).toMatchObject({ verdicts: ['fail'], events: ['failed'] })
    expect(await lakeProblems(stance)).toEqual([])
  })
})
