import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { type Lab, openLab } from './collect-table.ts'
import { seedTrails } from './seed-trails.ts'

motoDescribe('aws_cloudtrail against moto', () => {
  let account: MotoAccount
  let lab: Lab
  let arn: string
  beforeAll(async () => {
    account = await motoAccount()
    arn = await seedTrails(account)
    lab = await openLab(account)
  })
  afterAll(() => lab?.close())

  it('trails with status, selectors and tags', async () => {
    const { rows, children, summary } = await lab.collect('aws_cloudtrail')
    expect(summary).toMatchObject({ unread_groups: {} })
    expect(rows.find((row) => row.arn === arn)).toMatchObject({
      trail_name: 'everything',
      home_region: 'us-east-1',
      region: 'us-east-1',
      is_multi_region: true,
      log_file_validation_enabled: true,
      s3_bucket_name: `trail-${account.accountId}`,
      kms_key_arn: '',
      is_logging: true,
      logs_all_management_reads: true,
      logs_all_management_writes: true,
      logs_all_s3_object_reads: true,
      logs_all_s3_object_writes: true,
      logs_api_call_rate_insights: true,
      logs_api_error_rate_insights: false,
    })
    expect(rows.find((row) => row.arn !== arn)).toMatchObject({
      trail_name: 'stopped',
      is_multi_region: false,
      is_logging: false,
      logs_all_s3_object_reads: false,
      logs_api_call_rate_insights: false,
    })
    expect(
      children
        .aws_cloudtrail_event_selector!.filter((row) => row.resource_key === arn)
        .map((row) => row.event_category),
    ).toEqual(['Management', 'Data'])
    const [{ tags } = { tags: '' }] = await lab.db.query(
      'select tags from stance.resource where resource_key = $1',
      [arn],
    )
    expect(JSON.parse(String(tags))).toEqual({ team: 'sec' })
  })

  it('a trail of all regions is one row, in its home region', async () => {
    const { rows, calls, written } = await lab.collect('aws_cloudtrail', { part: 'eu-west-1' })
    expect(rows).toEqual([])
    expect(written).toMatchObject({ state: 'ok' })
    expect(calls).toEqual({ DescribeTrails: 1 })
  })

  it('makes no version of untouched trails', async () => {
    await lab.collect('aws_cloudtrail')
    const again = await lab.collect('aws_cloudtrail')
    expect(again.written).toMatchObject({ state: 'ok', versions: 0, inserted: 0, deleted: 0 })
  })

  it.each([
    ['GetTrailStatus', 'is_logging'],
    ['GetEventSelectors', 'logs_all_s3_object_writes'],
    ['GetInsightSelectors', 'logs_api_call_rate_insights'],
  ])('without %s, %s is NULL and the rest stays', async (operation, column) => {
    lab.denied.add(operation)
    const { rows } = await lab.collect('aws_cloudtrail')
    lab.denied.clear()
    const row = rows.find((one) => one.arn === arn)!
    expect(row[column]).toBeNull()
    expect(row.is_multi_region).toBe(true)
    await lab.collect('aws_cloudtrail')
  })
})
