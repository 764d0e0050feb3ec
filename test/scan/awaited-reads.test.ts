import { expect, it } from 'vitest'
import { tryRule } from '../../src/run/try-rule.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless, good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Edit, edited, keyOfOther, roleIsMighty, twoRoles } from './one-moment.fixture.ts'

/* What a scan is about to read goes with nothing that it has read: beside other scans, cut off, across accounts. */

const own = { accounts: [careless] }
const machine = 'aws-ec2-public-instance-is-no-administrator'
const bucketKey = 'aws-s3-bucket-key-can-be-used'

/** All keys of both accounts have another description. */
const described = (as: string): Edit =>
  edited(
    (operation, body) =>
      operation === 'DescribeKey' ? body.replace(/"Description": ?"[^"]*"/, `"Description":"${as}"`) : body,
    [careless, good],
  )
const together =
  (...edits: Edit[]): Edit =>
  (exchanges) =>
    edits.reduce((edit, next) => next(edit), exchanges)

/** The load balancer faces the internet or not, and its group opens the port that it listens on, or another. */
const balancer = (isFacing: boolean, open: 80 | 22): Edit =>
  edited((operation, body) => {
    if (operation === 'DescribeLoadBalancers' && !isFacing)
      return body.replaceAll('internet-facing', 'internal')
    if (operation !== 'DescribeSecurityGroups') return body
    return body.replaceAll(/<(from|to)Port>22<\/\1Port>/g, `<$1Port>${open}</$1Port>`)
  })

/** The subnets lead to the internet or not, and groups are open or not: never both. */
const network = (leads: boolean): Edit =>
  edited((operation, body) => {
    if (operation === 'DescribeRouteTables') return leads ? body : body.replaceAll('igw-', 'vgw-')
    if (operation !== 'DescribeSecurityGroups' || !leads) return body
    return body.replaceAll(/<ipPermissions>[\s\S]*?<\/ipPermissions>/g, '<ipPermissions/>')
  })

/** What is tried again ends last. */
const patiently = { retry: { attempts: 3, first_ms: 300, longest_ms: 300, budget: 1_000 } }

const options = { copies: 'one each', engines: oneEngine() } as const
eachScannedStore('what a scan is about to read', options, (scanned) => {
  const openDay = daysOfEstate()
  const verdictsOf = async (rule: string, of = '') => {
    const rows = await scanned().stance.db.query<{ verdict: string; evidence: string | null }>(
      `select f.verdict, f.evidence from stance.finding f
       where f.account_id = $1::text and f.rule_id = $2::text and f.resource_key like $3::text`,
      [careless, rule, `%${of}`],
    )
    const unread = rows.flatMap(({ evidence }) => {
      return (JSON.parse(evidence ?? '{}') as { unread?: { table: string; code?: string }[] }).unread ?? []
    })
    return { verdicts: [...new Set(rows.map(({ verdict }) => verdict))], unread }
  }
  const eventsSince = async (table: string, since: Date) => {
    const rows = await scanned().stance.db.query<{ kind: string }>(
      `select distinct e.kind from stance.finding_event e
       where e.account_id = $1::text and e.table_name = $2::text and e.happened_at >= $3::timestamptz`,
      [careless, table, since],
    )
    return rows.map(({ kind }) => kind)
  }
  const count = async (sql: string, params: string[]) => {
    const [row] = await scanned().stance.db.query<{ n: number }>(sql, params)
    return row?.n ?? 0
  }

  it('ends, where two accounts wait for what a scan that was cut off has not read', {
    timeout: longest,
  }, async () => {
    const { stance, estate } = scanned()
    const narrowing = { services: ['s3', 'kms'] }
    const before = await openDay({ clock: estate.clock, edit: together(keyOfOther(0), described('one')) })
    await before.scan(stance, { narrowing })
    const edit = together(keyOfOther(1), described('two'))
    const slow = await openDay({ clock: estate.clock, edit, faults: 's3:ListBuckets=slow(3000ms)' })
    const stop = new AbortController()
    const running = slow.scan(stance, { narrowing, signal: stop.signal })
    await expect
      .poll(
        () =>
          count(
            'select count(distinct k.account_id) as n from lake.aws_kms_key k where k.description = $1::text',
            ['two'],
          ),
        { timeout: 20_000 },
      )
      .toBe(2)
    stop.abort()
    await running
    expect(await lakeProblems(stance)).toEqual([])
    await (await openDay({ clock: estate.clock, edit })).scan(stance, { narrowing })
    expect((await verdictsOf(bucketKey, 'larkspur-images')).verdicts).toEqual(['pass'])
    expect(await count('select count(*) as n from stance.pending_judgement', [])).toBe(0)
  })

  it('is not read by a list that is older', { timeout: longest }, async () => {
    const { stance, estate } = scanned()
    const narrowing = { ...own, tables: ['aws_instance', 'aws_iam_role'] }
    await (await openDay({ clock: estate.clock, edit: twoRoles('a') })).scan(stance, { narrowing })
    const since = estate.clock.now()
    const old = await openDay({
      clock: estate.clock,
      edit: twoRoles('a'),
      faults: 'ec2:DescribeInstances=slow(2600ms)',
    })
    const first = old.scan(stance, { narrowing })
    await new Promise((resolve) => setTimeout(resolve, 800))
    const today = await openDay({
      clock: estate.clock,
      edit: twoRoles('b'),
      faults: 'ec2:DescribeInstances=slow(2000ms)',
    })
    const second = today.scan(stance, { narrowing })
    await first
    expect((await verdictsOf(machine)).verdicts).not.toContain('pass')
    await second
    expect((await verdictsOf(machine)).verdicts).toEqual(['fail'])
    expect(await eventsSince('aws_instance', since)).toEqual([])
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('is not awaited by a scan that was cut off before it read anything', { timeout: longest }, async () => {
    const { stance, estate } = scanned()
    const day = await openDay({ clock: estate.clock })
    const stop = new AbortController()
    await day.scan(stance, {
      signal: stop.signal,
      report: ({ kind }) => {
        if (kind === 'planned') stop.abort()
      },
    })
    expect(await count('select count(*) as n from stance.cell c where c.awaited_since is not null', [])).toBe(
      0,
    )
  })

  it.each([
    ['DescribeKey', /^(aws_kms_key) /],
    ['ListKeys', /^(aws_kms_key) /],
  ])('of another account says why it is unknown: %s', { timeout: longest }, async (operation, why) => {
    const { stance, estate } = scanned()
    const narrowing = { services: ['s3', 'kms'] }
    await (await openDay({ clock: estate.clock, edit: keyOfOther(0) })).scan(stance, { narrowing })
    const faults = `${good}/kms:${operation}=throttled`
    await (await openDay({ clock: estate.clock, edit: keyOfOther(1), faults })).scan(stance, { narrowing })
    const { verdicts, unread } = await verdictsOf(bucketKey, 'larkspur-images')
    expect(verdicts).toEqual(['unknown'])
    expect(unread.map(({ table, code }) => `${table} ${code ?? ''}`)).toContainEqual(
      expect.stringMatching(why),
    )
  })

  it.each([
    ['is slow', 'slow(1200ms)'],
    ['fails', 'throttled'],
  ])('makes no severity where what makes a resource public %s', { timeout: longest }, async (_, fault) => {
    const { stance, estate } = scanned()
    const narrowing = { ...own, services: ['ec2', 'elbv2'] }
    await (await openDay({ clock: estate.clock, edit: balancer(false, 80) })).scan(stance, { narrowing })
    const since = estate.clock.now()
    const faults = `ec2:DescribeSecurityGroups=${fault}`
    const day = await openDay({ clock: estate.clock, edit: balancer(true, 22), faults })
    await day.scan(stance, { narrowing, pace: patiently })
    expect(await eventsSince('aws_lb', since)).toEqual([])
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('turns no fact, in whichever order the reads end', { timeout: longest }, async () => {
    const { stance, estate } = scanned()
    const narrowing = { ...own, services: ['ec2', 'elbv2'] }
    const isPublic = async () => {
      const rows = await stance.db.query<{ is_public: boolean | null }>(
        'select i.is_public from lake.aws_instance i where i.account_id = $1::text group by i.is_public',
        [careless],
      )
      return rows.map((row) => row.is_public)
    }
    await (await openDay({ clock: estate.clock, edit: network(true) })).scan(stance, { narrowing })
    expect(await isPublic()).toEqual([false])
    const faults = 'ec2:DescribeRouteTables=throttled'
    const day = await openDay({ clock: estate.clock, edit: network(false), faults })
    await day.scan(stance, { narrowing, pace: patiently })
    expect(await isPublic()).not.toContain(true)
    expect(await lakeProblems(stance)).toEqual([])
    await (await openDay({ clock: estate.clock, edit: network(false) })).scan(stance, { narrowing })
    expect(await isPublic()).toEqual([false])
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('is nothing that a rule is tried with', { timeout: longest }, async () => {
    const { stance, estate } = scanned()
    const narrowing = { ...own, tables: ['aws_instance', 'aws_iam_role'] }
    await (await openDay({ clock: estate.clock, edit: twoRoles('a') })).scan(stance, { narrowing })
    const faults = 'ec2:DescribeInstances=slow(2500ms)'
    const slow = await openDay({ clock: estate.clock, edit: twoRoles('b'), faults })
    const stop = new AbortController()
    const running = slow.scan(stance, { narrowing, signal: stop.signal })
    await roleIsMighty(stance.db, 'b')
    stop.abort()
    await running
    const ready = stance.set.rules.get(machine)
    if (ready === undefined) throw new Error(`there is no rule ${machine}`)
    const { counts } = await tryRule(
      stance.db,
      { kind: 'rule', ready },
      { settings: estate.settings.rules, limit: 10, accounts: [careless] },
    )
    expect(counts.pass).toBe(0)
  })
})
