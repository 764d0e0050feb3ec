import { expect, it } from 'vitest'
import type { RecordedExchange } from '../../src/collect/transport/recording.ts'
import { showFinding } from '../../src/run/show-finding.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type EstateOptions, openEstate } from './open-estate.ts'

/*
 * What changed names something that a list does not have, because that list was read before it. "There is none" would be
 * a verdict out of what nobody read: a pass that is false, or a failure that is announced and taken back. The same
 * where a list has lost what a row names that was read before it.
 */
type Edit = (one: RecordedExchange) => RecordedExchange

const rule = 'aws-s3-bucket-key-can-be-used'
const newKey = `arn:aws:kms:eu-west-1:${careless}:key/0a1b2c3d-1111-4222-8333-444455556666`
const otherKey = newKey.replace('0a1b2c3d', '0b1b2c3d')

/** The bucket gets a key that no list has had so far. */
const getsKey =
  (arn: string): Edit =>
  (one) =>
    one.account_id === careless && one.operation === 'GetBucketEncryption' && one.key.includes('images')
      ? { ...one, status: 200, body: encryptedWith(arn) }
      : one

/** Every instance gets a profile that was made since. */
const getsProfile: Edit = (one) =>
  one.operation === 'DescribeInstances' && typeof one.body === 'string'
    ? { ...one, body: one.body.replaceAll('<clientToken>', `${profile}<clientToken>`) }
    : one
const profile = `<iamInstanceProfile><arn>arn:aws:iam::${careless}:instance-profile/new</arn><id>new</id></iamInstanceProfile>`

const copies = { copies: 'one each', engines: oneEngine() } as const
eachScannedStore('a list that is older than what asks it', copies, (scanned) => {
  const scanOf = async (
    options: EstateOptions,
    more: Parameters<ReturnType<typeof scanned>['estate']['scan']>[1] = {},
  ) => {
    const other = await openEstate({ clock: scanned().estate.clock, ...options })
    try {
      await other.scan(scanned().stance, more)
    } finally {
      await other.stop()
    }
  }
  const edited = (edit: Edit): EstateOptions => ({ edit: (exchanges) => exchanges.map(edit) })
  const said = async (of: string = rule) => {
    const { db } = scanned().stance
    const rows = await db.query<{ verdict: string; evidence: string | null }>(
      'select f.verdict, f.evidence from stance.finding f where f.account_id = $1::text and f.rule_id = $2::text',
      [careless, of],
    )
    const events = await db.query<{ kind: string }>(
      `select e.kind from stance.finding_event e where e.account_id = $1::text and e.rule_id = $2::text
       order by e.happened_at nulls last`,
      [careless, of],
    )
    const unread = rows.flatMap(({ evidence }) => {
      return (JSON.parse(evidence ?? '{}') as { unread?: { table: string; code: string }[] }).unread ?? []
    })
    return {
      verdicts: rows.map(({ verdict }) => verdict),
      events: events.map(({ kind }) => kind),
      unread: unread.map(({ table, code }) => `${table} ${code}`),
    }
  }

  /** What is unread, as a person is told who looks at the finding. */
  const shown = async () => {
    const { db } = scanned().stance
    const [finding] = await db.query<{ finding_id: string }>(
      'select f.finding_id from stance.finding f where f.account_id = $1::text and f.rule_id = $2::text',
      [careless, rule],
    )
    const { unread } = await showFinding(db, finding?.finding_id ?? '', scanned().estate.settings.rules)
    return unread.map(({ table_name, code }) => `${table_name} ${code}`)
  }

  /** All that is of interest here; the rest of the estate stays as it is. */
  const both = { narrowing: { accounts: [careless], services: ['s3', 'kms'] } }
  it('says nothing of it, while its reads fail or a scan leaves it out, and has the last word when it is read', {
    timeout: longest,
  }, async () => {
    // So far the bucket has no key of anybody's.
    const before = await said()
    expect(before).toEqual({ verdicts: [], events: [], unread: [] })
    await scanOf({ ...edited(getsKey(newKey)), faults: 'kms:ListKeys=throttled' }, both)
    expect(await said()).toMatchObject({ verdicts: ['unknown'], events: before.events })
    const [throttled = ''] = (await said()).unread
    expect(throttled).toMatch(/^aws_kms_key /)

    // Its content is what it was: that it was read again is what counts.
    await scanOf(edited(getsKey(newKey)), both)
    expect(await said()).toMatchObject({ verdicts: ['fail'], events: [...before.events, 'failed'] })

    await scanOf(edited(getsKey(otherKey)), { narrowing: { services: ['s3'] } })
    expect(await said()).toMatchObject({
      verdicts: ['unknown'],
      events: [...before.events, 'failed'],
      unread: ['aws_kms_key LIST_OLDER'],
    })
    // Now the bucket is what is older: what it names may have come and gone, and it may name something else by now.
    await scanOf(edited(getsKey(otherKey)), { narrowing: { services: ['kms'] } })
    expect(await said()).toMatchObject({ verdicts: ['unknown'] })
    expect(await shown()).toEqual(['aws_s3_bucket ROW_OLDER'])
    await scanOf(edited(getsKey(otherKey)), both)
    expect(await said()).toMatchObject({
      verdicts: ['fail'],
      events: [...before.events, 'failed'],
      unread: [],
    })
  })

  it('keeps what it says of rows that did not change, and of what it has', { timeout: longest }, async () => {
    await scanOf(edited(getsKey(newKey)), both)
    const before = await said()
    expect(before.verdicts).toEqual(['fail'])
    await scanOf({ ...edited(getsKey(newKey)), faults: 'kms:ListKeys=throttled' }, both)
    expect(await said()).toEqual(before)
    await scanOf(edited(getsKey(newKey)), { narrowing: { services: ['s3'] } })
    expect(await said()).toEqual(before)
  })

  it('is no reason to call a machine harmless', { timeout: longest }, async () => {
    const { db } = scanned().stance
    const verdicts = async () => {
      const rows = await db.query<{ verdict: string; given: boolean }>(
        `select f.verdict, i.iam_instance_profile_arn <> '' as given from stance.finding f
         join lake.aws_instance i on i.account_id = f.account_id and i.resource_key = f.resource_key
         where f.rule_id = 'aws-ec2-public-instance-is-no-administrator' and i.is_public`,
      )
      return rows.map(({ verdict, given }) => `${verdict} ${given ? 'with a profile' : 'without'}`)
    }
    const before = await verdicts()
    expect(before).toContain('pass without')
    await scanOf(edited(getsProfile), { narrowing: { tables: ['aws_instance'] } })
    expect(await verdicts()).toEqual(before.map(() => 'unknown with a profile'))
    await scanOf({}, { narrowing: { tables: ['aws_instance'] } })
    expect(await verdicts()).toEqual(before)
  })

  /** The role has a profile of another name from one day to the next, as when Terraform renames it. */
  const renamed = (profile: string): Edit => {
    const given = `<iamInstanceProfile><arn>arn:aws:iam::${careless}:instance-profile/${profile}</arn><id>x</id></iamInstanceProfile>`
    return (one) => {
      if (typeof one.body !== 'string' || one.account_id !== careless) return one
      if (one.operation === 'DescribeInstances')
        return { ...one, body: one.body.replaceAll('<clientToken>', `${given}<clientToken>`) }
      if (one.operation !== 'GetAccountAuthorizationDetails') return one
      const body = one.body
        .replaceAll('<InstanceProfileName>web<', `<InstanceProfileName>${profile}<`)
        .replaceAll(':instance-profile/web<', `:instance-profile/${profile}<`)
        .replace(/(role\/web<[\s\S]*?)<RolePolicyList\/>/, `$1${everything}`)
      return { ...one, body }
    }
  }

  const instances = { narrowing: { accounts: [careless], tables: ['aws_instance', 'aws_iam_role'] } }
  it.each([
    [
      'its reads fail',
      { faults: 'ec2:DescribeInstances=throttled' },
      instances,
      /^aws_instance (RequestLimitExceeded|ROW_OLDER)$/,
    ],
    [
      'a scan leaves it out',
      {},
      { narrowing: { accounts: [careless], services: ['iam'] } },
      /^aws_instance ROW_OLDER$/,
    ],
    ['it is read later in the same scan', {}, instances, undefined],
  ] as const)(
    'says nothing of what is older than itself: %s',
    { timeout: longest },
    async (_, how, more, why) => {
      const about = 'aws-ec2-public-instance-is-no-administrator'
      const lookAt = async () => {
        const { verdicts, events, unread } = await said(about)
        return { verdicts: new Set(verdicts), events, unread: new Set(unread) }
      }
      await scanOf(edited(renamed('old')), instances)
      const before = await lookAt()
      expect(before.verdicts).toEqual(new Set(['fail']))
      await scanOf({ ...edited(renamed('new')), ...how }, more)
      const between = await lookAt()
      expect(between.events, 'nobody hears of it').toEqual(before.events)
      if (why === undefined) expect(between).toEqual(before)
      else {
        expect(between.verdicts).toEqual(new Set(['unknown']))
        // Whichever of the two reads ended first.
        expect(between.unread.size).toBeGreaterThan(0)
        for (const one of between.unread) expect(one).toMatch(why)
        expect(await lakeProblems(scanned().stance)).toEqual([])
      }
      await scanOf(edited(renamed('new')), instances)
      expect(await lookAt()).toEqual(before)
      expect(await lakeProblems(scanned().stance)).toEqual([])
    },
  )
})

const everything =
  '<RolePolicyList><member><PolicyName>all</PolicyName><PolicyDocument>{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}</PolicyDocument></member></RolePolicyList>'

function encryptedWith(keyArn: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${keyArn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
}
