import { expect, it } from 'vitest'
import { openStance } from '../../src/run/open-stance.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { openEstate } from './open-estate.ts'
import { differences, postureOf } from './posture.ts'

const day = 86_400_000

eachScannedStore('what makes the judge look again', { copies: 'one each' }, (scanned) => {
  it('is time, for rules that read now(), though nothing in the cloud changed', async () => {
    const { estate, stance } = scanned()
    const keys = () =>
      stance.db.query<{ verdict: string; n: number }>(
        `select verdict, count(*) as n from stance.finding where rule_id = 'aws-iam-access-key-is-rotated'
         group by verdict order by verdict nulls last`,
      )
    const before = await keys()
    expect(before.map(({ verdict }) => verdict)).toContain('pass')
    estate.clock.skip(200 * day)
    await estate.scan(stance, { narrowing: { services: ['iam'] } })
    expect((await keys()).map(({ verdict }) => verdict)).toEqual(['fail'])
  })

  it('is a fact whose condition changed', async () => {
    const { estate, stance } = scanned()
    const { db } = stance
    const open = () =>
      db.query<{ n: number }>('select count(*) as n from lake.aws_security_group where is_public')
    const [before] = await open()
    const fact = stance.set.facts.find(
      (ready) => ready.fact.table === 'aws_security_group' && ready.fact.column === 'is_public',
    )
    if (fact === undefined) throw new Error('no such fact')
    const { checkCondition } = await import('../../src/evaluate/language/check-condition.ts')
    const when = checkCondition(`group_id <> ''`, {
      table: 'aws_security_group',
      catalogue: stance.set.catalogue,
    })
    const changed = {
      ...stance.set,
      facts: stance.set.facts.map((ready) => (ready === fact ? { ...ready, when } : ready)),
    }
    const declared = { registry: stance.registry, catalogue: stance.catalogue, set: changed }
    await openStance(db, { settings: estate.settings, clock: estate.clock, declared })
    const [all] = await db.query<{ n: number }>('select count(*) as n from lake.aws_security_group')
    expect(await open()).toEqual([all])
    expect(before?.n).toBeLessThan(all?.n ?? 0)
    await openStance(db, { settings: estate.settings, clock: estate.clock })
    expect(await open()).toEqual([before])
  })

  it('is not the date of a bucket, which moves when its policy is edited', async () => {
    const { estate, stance } = scanned()
    const { db } = stance
    const known = () =>
      db.query(
        'select finding_id, since from stance.finding where table_name = $1::text order by 1 nulls last',
        ['aws_s3_bucket'],
      )
    const made = () =>
      db.query('select account_id, created_at from lake.aws_s3_bucket order by 1 nulls last, 2 nulls last')
    const trail = async () => {
      const asked = ['tombstone', 'resource_version', 'finding_event', 'finding_closed'].map((table) =>
        db.query<{ n: number }>(
          `select count(*) as n from stance.${table} where table_name = 'aws_s3_bucket'`,
        ),
      )
      return (await Promise.all(asked)).map(([row]) => row?.n)
    }
    const before = { known: await known(), trail: await trail(), made: await made() }
    expect(before.known.length).toBeGreaterThan(0)
    const moved = await openEstate({
      clock: estate.clock,
      edit: (exchanges) =>
        exchanges.map((one) =>
          typeof one.body === 'string' && one.operation === 'ListBuckets'
            ? { ...one, body: one.body.replaceAll(/(?<=<CreationDate>)[^<]*/g, '2026-11-22T10:00:00.000Z') }
            : one,
        ),
    })
    moved.clock.skip(day)
    await moved.scan(stance, { narrowing: { services: ['s3'] } })
    await moved.stop()
    expect(await known()).toEqual(before.known)
    expect(await trail()).toEqual(before.trail)
    expect(await made()).not.toEqual(before.made)
  })

  it('is a resource that was replaced: it has findings of its own, and its predecessor none', async () => {
    const { estate, stance } = scanned()
    const { db } = stance
    const swap = (text: string) => text.replaceAll(/AROA[A-Z0-9]{4}/g, 'AROAZZZZ')
    const second = await openEstate({
      clock: estate.clock,
      edit: (exchanges) =>
        exchanges.map((one) =>
          typeof one.body === 'string' && one.operation === 'GetAccountAuthorizationDetails'
            ? { ...one, body: swap(one.body) }
            : one,
        ),
    })
    const ids = () =>
      db.query<{ finding_id: string; first_seen: Date }>(
        `select f.finding_id, f.first_seen from stance.finding f
         join stance.resource r on r.account_id = f.account_id and r.resource_key = f.resource_key
         where r.table_name = 'aws_iam_role' order by f.finding_id nulls last`,
      )
    const before = await ids()
    expect(before.length).toBeGreaterThan(0)
    second.clock.skip(day)
    await second.scan(stance, { narrowing: { services: ['iam'] } })
    await second.stop()
    const after = await ids()
    expect(after.length).toBe(before.length)
    const known = new Set(before.map(({ finding_id }) => finding_id))
    expect(after.filter(({ finding_id }) => known.has(finding_id))).toEqual([])
    const closed = await db.query('select distinct closed_as from stance.finding_closed')
    expect(closed).toEqual([{ closed_as: 'gone' }])
  })

  it('is also that one of several is gone, and nothing else changed', async () => {
    const { estate, stance, clean } = scanned()
    const other = await openEstate({
      clock: estate.clock,
      // The first of two pages is empty.
      edit: (exchanges) =>
        exchanges.map((exchange) => {
          const { operation, region, body } = exchange
          return operation === 'DescribeVolumes' && region === 'eu-west-1' && typeof body === 'string'
            ? { ...exchange, body: body.replace(/<volumeSet>.*<\/volumeSet>(?=<nextToken>)/, '<volumeSet/>') }
            : exchange
        }),
    })
    const volumes = () =>
      stance.db.query<{ resource_key: string }>(
        `select v.resource_key from lake.aws_ebs_volume v where v.region = 'eu-west-1' order by v.resource_key nulls last`,
      )
    const before = await volumes()
    try {
      await other.scan(stance, { narrowing: { tables: ['aws_ebs_volume'] } })
    } finally {
      await other.stop()
    }
    const left = await volumes()
    expect([before.length, left.length]).toEqual([4, 2])
    const gone = before
      .map(({ resource_key }) => resource_key)
      .filter((key) => !left.some((one) => one.resource_key === key))
    const changed = differences(clean, await postureOf(stance.db), false)
    expect(changed.length).toBeGreaterThan(1)
    for (const one of changed) {
      expect(one).toMatch(/→ nothing$/)
      expect(gone.some((key) => one.includes(` ${key}: `))).toBe(true)
    }
  })
})
