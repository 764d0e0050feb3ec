import { beforeAll, expect, it } from 'vitest'
import { demandOf } from '../../src/collect/kernel/demand-of.ts'
import type { CollectedResource } from '../../src/lake/collected.ts'
import { getResource } from '../../src/lake/read-resources.ts'
import { writeSingle } from '../../src/lake/write-single.ts'
import { columnsRead } from '../../src/run/columns-read.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { longest } from '../setup/test-database.ts'
import { anotherDay } from './another-day.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import type { Estate } from './open-estate.ts'

const hour = 3_600_000
/** A group that no rule reads, one that rules read, and a list that no rule reads. */
const [daily, hourly] = ['acceleration', 'logging'] as const
const fails = ['s3:GetBucketAccelerateConfiguration', 's3:GetBucketLogging', 'organizations:ListAccounts']
const narrowing = { tables: ['aws_s3_bucket', 'aws_organizations_account'] }
const faults = fails.map((one) => `${one}=error(500:InternalError)`).join(' ')

const options = { copies: 'one for all', estate: { collect: { inventory: 'daily' } } } as const
eachScannedStore('what is read once a day', options, (scanned) => {
  const day = daysOfEstate()
  let estate: Estate
  let stance: Stance
  beforeAll(async () => {
    estate = scanned().estate
    stance = scanned().stance
    await estate.scan(stance, { narrowing })
  }, longest)

  it('is these', () => {
    const demand = demandOf(stance.registry, columnsRead(stance.set))
    expect(demand.get('aws_s3_bucket')?.get(daily)).toBe('inventory')
    expect(demand.get('aws_s3_bucket')?.get(hourly)).toBe('rule')
    expect(demand.get('aws_organizations_account')?.get('list')).toBe('inventory')
  })

  it('outlives one failed read; what rules read outlives a day', { timeout: longest }, async () => {
    const [whole] = await inForce()
    expect(whole).toMatchObject({ daily: whole?.n, hourly: whole?.n, listed: true })
    estate.clock.skip(24 * hour)
    await estate.scan(stance, { narrowing, faults })
    expect(await inForce()).toEqual([{ ...whole, hourly: 0 }])
    estate.clock.skip(24 * hour)
    await estate.scan(stance, { narrowing, faults })
    expect(await inForce()).toEqual([{ ...whole, daily: 0, hourly: 0, listed: false }])
    await estate.scan(stance, { narrowing })
    expect(await inForce()).toMatchObject([{ hourly: whole?.n }])
  })

  it('is due when all of it was read, whatever of it was read by itself since', {
    timeout: longest,
  }, async () => {
    estate.clock.skip(24 * hour)
    expect(await callsOf('GetBucketAccelerateConfiguration')).toBeGreaterThan(1)
    expect(await callsOf('GetBucketAccelerateConfiguration')).toBe(0)
    estate.clock.skip(12 * hour)
    // As an event would have it read.
    for (const key of await bucketsOf(good)) await renew(key)
    expect(await callsOf('GetBucketAccelerateConfiguration')).toBe(0)
    estate.clock.skip(10 * hour)
    expect(await callsOf('GetBucketAccelerateConfiguration')).toBeGreaterThan(1)
  })

  it('is read of what came since in the next scan, and then no more', { timeout: longest }, async () => {
    const noPlain = await day({
      clock: estate.clock,
      collect: { inventory: 'daily' },
      edit: (all) =>
        all.map((one) => (one.operation === 'ListBuckets' ? (anotherDay([one])[0] ?? one) : one)),
    })
    const [whole] = await inForce()
    await noPlain.scan(stance, { narrowing })
    const [less] = await inForce()
    const came = (whole?.n ?? 0) - (less?.n ?? 0)
    expect(came).toBeGreaterThan(0)
    expect(await callsOf('GetBucketAccelerateConfiguration')).toBe(came)
    const [again] = await inForce()
    expect(again).toMatchObject({ n: whole?.n, daily: whole?.n, hourly: whole?.n })
    expect(await callsOf('GetBucketAccelerateConfiguration')).toBe(0)
  })

  async function inForce(): Promise<{ n: number; daily: number; hourly: number; listed: boolean }[]> {
    const buckets = await stance.db.query<{ n: number; daily: number; hourly: number }>(
      `select count(*) as n, count(*) filter (where b._read_${daily}) as daily,
         count(*) filter (where b._read_${hourly}) as hourly
       from lake.aws_s3_bucket b`,
    )
    const [cell] = await stance.db.query<{ in_force: boolean }>(
      `select in_force from stance.cell where table_name = 'aws_organizations_account'`,
    )
    return buckets.map((one) => ({ ...one, listed: cell?.in_force ?? false }))
  }

  async function callsOf(operation: string): Promise<number> {
    const { cost } = await estate.scan(stance, { narrowing })
    return cost?.operations.find((one) => one.operation === operation)?.calls ?? 0
  }

  async function bucketsOf(account_id: string): Promise<string[]> {
    const rows = await stance.db.query<{ resource_key: string }>(
      `select resource_key from stance.resource where account_id = $1::text and table_name = 'aws_s3_bucket'`,
      [account_id],
    )
    return rows.map(({ resource_key }) => resource_key)
  }

  async function renew(key: string): Promise<void> {
    const known = await getResource(stance.db, good, key)
    if (known === undefined) throw new Error(`no ${key}`)
    const now = estate.clock.now()
    const groups: CollectedResource['groups'] = {}
    for (const [name, content] of Object.entries(known.content))
      groups[name] =
        content === null ? { state: 'absent', read_at: now } : { state: 'ok', content, read_at: now }
    const { resource_key, native_id, name, region, owner_account_id, seen_incarnation, part } = known
    const resource = { resource_key, native_id, name, region, owner_account_id, groups }
    const cell = { account_id: good, table: 'aws_s3_bucket', part }
    const tags = JSON.parse(known.tags ?? '{}') as Record<string, string>
    await writeSingle(
      stance.db,
      stance.catalogue,
      cell,
      { resource: { ...resource, incarnation: seen_incarnation, tags } },
      { clock: estate.clock, partition: 'aws', derive: stance.derive },
    )
  }
})
