import { expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { applyEvents } from '../../src/run/apply-events.ts'
import { showFinding } from '../../src/run/show-finding.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'

const bucket = 'larkspur-images'
type Exchanges = Recording['exchanges']

/** The policy that everybody may read by, for the account alone. */
const closed = (exchanges: Exchanges): Exchanges =>
  exchanges.map((one) => {
    if (one.account_id !== careless || one.operation !== 'GetBucketPolicy' || one.status !== 200) return one
    const text = fromBody(one.body).toString('utf8')
    const own = `"Principal":{"AWS":"arn:aws:iam::${careless}:root"}`
    return { ...one, body: text.replace(/"Principal":\s*"\*"/, own) }
  })

/** Asked for by its name, a list of this bucket and those beside it. */
const askedByName = (exchanges: Exchanges): Exchanges => [
  ...exchanges,
  ...exchanges
    .filter(({ operation }) => operation === 'ListBuckets')
    .map((one) => ({ ...one, key: one.key.replace('max-buckets=1000', `$&&prefix=${bucket}`) })),
]

eachScannedStore('an event', { copies: 'one each', engines: oneEngine() }, (scanned) => {
  const day = daysOfEstate()

  it('is read though it is older than the last read, where that read failed', {
    timeout: longest,
  }, async () => {
    const { stance, estate } = scanned()
    const { clock } = estate
    const s3 = { narrowing: { accounts: [careless], services: ['s3'] } }
    const isPublic = async () => {
      const rows = await stance.db.query<{ is_public: boolean | null }>(
        'select is_public from lake.aws_s3_bucket where account_id = $1 and bucket_name = $2',
        [careless, bucket],
      )
      return rows[0]?.is_public
    }
    await (await day({ clock, edit: closed })).scan(stance, s3)
    expect(await isPublic()).toBe(false)
    clock.skip(3_600_000)
    const happened = clock.now()
    clock.skip(10_000)
    await (await day({ clock, faults: 's3:GetBucketPolicy=throttled' })).scan(stance, s3)
    expect(await isPublic(), 'what was read stands').toBe(false)
    const { settings } = await day({ clock, edit: askedByName })
    const entry = {
      ...{
        eventVersion: '1.11',
        eventID: 'e1',
        eventSource: 's3.amazonaws.com',
        eventName: 'PutBucketPolicy',
      },
      ...{ awsRegion: 'eu-west-1', recipientAccountId: careless, readOnly: false },
      eventTime: happened.toISOString(),
      requestParameters: { bucketName: bucket },
    }
    expect((await applyEvents(stance, { settings }, [entry])).resources).toMatchObject([
      { table: 'aws_s3_bucket', native_id: bucket, outcome: 'changed' },
    ])
    expect(await isPublic()).toBe(true)
    // Read well since: now it is old news.
    clock.skip(10_000)
    await (await day({ clock })).scan(stance, s3)
    expect((await applyEvents(stance, { settings }, [entry])).resources).toMatchObject([
      { outcome: 'already_read' },
    ])
  })

  it('between that and a failed read leaves findings that say what they rest on', {
    timeout: longest,
  }, async () => {
    const { stance, estate } = scanned()
    const { clock, settings } = estate
    const rule = 'aws-s3-bucket-keeps-versions'
    const shown = async () => {
      const [finding] = await stance.db.query<{ finding_id: string }>(
        `select f.finding_id from stance.finding f
         where f.account_id = $1 and f.rule_id = $2 and f.verdict = 'fail' order by f.finding_id nulls last limit 1`,
        [careless, rule],
      )
      return showFinding(stance.db, finding?.finding_id ?? '', settings.rules)
    }
    expect((await shown()).kept).toEqual([])
    const read = clock.now()
    const narrowing = { accounts: [careless], services: ['s3'] }
    await (await day({ clock, faults: 's3:GetBucketVersioning=throttled' })).scan(stance, { narrowing })
    const { verdict, kept } = await shown()
    expect(verdict).toBe('fail')
    expect(kept).toMatchObject([
      { table_name: 'aws_s3_bucket', state: 'error', next: expect.stringMatching(/./) },
    ])
    expect(kept[0]!.code).not.toBe('')
    expect(kept[0]!.ok_at!.getTime()).toBeLessThan(read.getTime())
    expect(kept[0]!.since.getTime()).toBeGreaterThan(read.getTime())
    await (await day({ clock })).scan(stance, { narrowing })
    expect((await shown()).kept).toEqual([])
  })
})
