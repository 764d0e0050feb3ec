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
  type Edit,
  listenerEntry,
  profileNamed,
  targetsByAddress,
  twoListeners,
  twoRoles,
} from './one-moment.fixture.ts'

/*
 * Two things change together, and one of them cannot be read, or is read later: what is known of both was at no moment true
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
const stories: Record<string, { rule: string; narrowing: ScanNarrowing; days: Day[]; events: string[] }> = {
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
  const said = async (rule: string) => {
    const { db } = scanned().stance
    const rows = await db.query<{ verdict: string; evidence: string | null }>(
      `select f.verdict, f.evidence from stance.finding f
       left join lake.aws_instance i on i.account_id = f.account_id and i.resource_key = f.resource_key
       where f.account_id = $1::text and f.rule_id = $2::text and (i.region is null or i.region = 'eu-west-1')`,
      [careless, rule],
    )
    const events = await db.query<{ kind: string }>(
      `select distinct e.kind from stance.finding_event e
       where e.account_id = $1::text and e.rule_id = $2::text order by e.kind nulls last`,
      [careless, rule],
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
    for (const { edit, faults, narrowing = story.narrowing, verdicts } of story.days) {
      const day = await openDay({ clock: estate.clock, edit, ...(faults === undefined ? {} : { faults }) })
      await day.scan(stance, { narrowing })
      expect(await said(story.rule)).toMatchObject({ verdicts, unexplained: [] })
    }
    expect((await said(story.rule)).events).toEqual(story.events)
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
})
