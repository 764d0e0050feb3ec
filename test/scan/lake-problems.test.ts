import { expect, it } from 'vitest'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless, good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'

/** What a scan that was cut off in the wrong place could leave, and how it is told. */
const broken: [sql: string, told: string][] = [
  [`delete from lake.aws_s3_bucket where account_id = '${good}'`, 'a row of aws_s3_bucket is missing'],
  [
    `delete from lake.aws_security_group_rule where account_id = '${good}'`,
    'a row of aws_security_group_rule is missing',
  ],
  [
    `update lake.aws_ebs_volume set encrypted = not encrypted where account_id = '${good}'`,
    'a row of aws_ebs_volume is not what its document gives',
  ],
  [
    `update lake.aws_vpc set _part = 'eu-central-1' where account_id = '${good}'`,
    'a row of aws_vpc is not what its document gives',
  ],
  [
    `update lake.aws_kms_key set resource_key = resource_key || '-too-many' where account_id = '${good}'`,
    'a row of aws_kms_key is not what its document gives',
  ],
  [
    `update stance.resource set valid_from = timestamptz '2126-01-01 00:00:00+00'
     where account_id = '${good}' and table_name = 'aws_lb'`,
    'of later',
  ],
  [
    `update lake.aws_subnet set is_public = not is_public where account_id = '${good}'`,
    'the fact aws_subnet.is_public is not derived',
  ],
  [
    `update stance.cell set rows = rows + 1 where account_id = '${good}' and table_name = 'aws_vpc'`,
    'a cell that miscounts its rows',
  ],
  [`delete from stance.resource_tag where account_id = '${good}'`, 'a tag is missing'],
  [`delete from stance.verdict where account_id = '${good}' and table_name = 'aws_iam_user'`, 'a verdict of'],
  [
    `insert into stance.verdict (account_id, table_name, resource_key, region, verdicts)
     values ('${good}', 'aws_ebs_volume', 'gone', 'eu-west-1', '.p')`,
    `a verdict of a resource that is not there: ${good} aws_ebs_volume gone`,
  ],
  [
    `update stance.finding set resource_key = 'gone', finding_id = finding_id || '-gone'
     where account_id = '${careless}' and rule_id = 'aws-ec2-volume-is-encrypted'`,
    `a finding of a resource that is not there: ${careless} aws_ebs_volume gone`,
  ],
  // What waits is no problem, unless it waits for what has ended.
  [
    `insert into stance.pending_judgement (account_id, pending_id, table_name, region, asked_at)
     values ('${good}', 'left', 'aws_ebs_volume', '*', timestamptz '2026-01-01 00:00:00+00')`,
    `a verdict of a resource that is not there: ${good} aws_ebs_volume gone`,
  ],
  [`delete from stance.finding where account_id = '${good}'`, 'a finding is missing'],
  [
    `insert into stance.resource_change (account_id, batch, resource_key, state, list_read_at)
     values ('${good}', 'left', 'over', '{}', timestamptz '2026-01-01 00:00:00+00')`,
    'stance.resource_change is not empty',
  ],
]

eachScannedStore('the check of whole stores', { copies: 'one for all' }, (scanned) => {
  it('finds what does not agree', { timeout: longest }, async () => {
    const { stance } = scanned()
    expect(await lakeProblems(stance)).toEqual([])
    await stance.db.transaction(async (tx) => {
      for (const [sql] of broken) expect(await tx.run(sql), sql).toBeGreaterThan(0)
    })
    const problems = (await lakeProblems(stance)).join('\n')
    for (const [sql, told] of broken) expect(problems, sql).toContain(told)
  })
})
