import { beforeAll, expect, it } from 'vitest'
import { exitCode } from '../../src/cli/run-scan.ts'
import { severityOf } from '../../src/core/severity.ts'
import { type FindingItem, streamFindings } from '../../src/run/list-findings.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import type { ScanNarrowing } from '../../src/run/scan.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { accounts, careless } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import type { Estate } from './open-estate.ts'

const options = { copies: 'one for all', read: 'little', engines: oneEngine() } as const
eachScannedStore('the severity of what could not be read', options, (scanned) => {
  let estate: Estate
  let stance: Stance
  beforeAll(() => {
    estate = scanned().estate
    stance = scanned().stance
  })

  /** As a pipeline asks: does anything of this severity fail, and can that be told? */
  const codeOf = async (narrowing: ScanNarrowing, faults: string) => {
    const record = await estate.scan(stance, { narrowing, faults })
    return exitCode(await summarizeScan(stance.db, stance.set, record, narrowing), 'critical', true)
  }
  const mayBeCritical = async () => {
    const found: FindingItem[] = []
    for await (const page of streamFindings(stance.db, { severities: ['critical'], verdicts: ['unknown'] }))
      found.push(...page)
    return found
  }

  it('is that of anything that may be there: a service denied as a whole is no green end', {
    timeout: longest,
  }, async () => {
    const narrowing = { services: ['s3', 'kms'] }
    expect(await codeOf(narrowing, 's3:ListBuckets=denied kms:ListKeys=denied')).toBe(3)
    const found = await mayBeCritical()
    const rule = stance.set.rules.get('aws-s3-bucket-is-not-public')!.rule
    const { attack_vector, impact } = rule.severity
    const range = {
      severity: severityOf(attack_vector, impact, false),
      severity_max: severityOf(attack_vector, impact, true),
    }
    expect(range).toEqual({ severity: 'high', severity_max: 'critical' })
    for (const account_id of accounts)
      expect(found).toContainEqual(
        expect.objectContaining({ account_id, table_name: 'aws_s3_bucket', rule_id: rule.id, ...range }),
      )
    // What never is public has one severity, read or not.
    const plain = await stance.db.query<{ table_name: string }>(
      `select f.table_name from stance.finding f where f.severity <> f.severity_max group by f.table_name`,
    )
    for (const { table_name } of plain)
      expect(stance.catalogue.shapes.get(table_name)?.columns.map(({ name }) => name)).toContain('is_public')
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('is so in regions that nobody could name', { timeout: longest }, async () => {
    const unnamed = 'ec2:DescribeRegions=denied account:ListRegions=denied'
    await estate.scan(stance, { narrowing: { services: ['ec2'] }, faults: unnamed })
    const [row] = await stance.db.query<{ severities: string }>(
      `select f.severity || ' ' || f.severity_max as severities from stance.finding f
       where f.account_id = $1::text and f.rule_id = $2::text and f.resource_key = $3::text`,
      [careless, 'aws-ec2-instance-requires-imdsv2', `arn:aws:account::${careless}:account`],
    )
    expect(row?.severities).toBe('medium high')
  })

  it('is the worst where a whole account could not be entered, whatever was asked for', {
    timeout: longest,
  }, async () => {
    expect(await codeOf({ services: ['cloudtrail'] }, `${careless}/sts=denied`)).toBe(3)
    const unentered = (await mayBeCritical()).filter(({ rule_id }) => rule_id === 'aws-account-is-readable')
    expect(unentered.map(({ account_id }) => account_id)).toEqual([careless])
  })
})
