import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Stance } from '../../src/run/open-stance.ts'
import type { ScanOptions } from '../../src/run/scan.ts'
import { eachEngine } from '../setup/test-database.ts'
import { careless } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { briskly, type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf, recordsOf, unsoundChanges } from './posture.ts'

interface Fault {
  faults: string
  /** What it means for findings of a store that was read whole an hour before. */
  leaves: 'as before' | 'unknown'
  pace?: ScanOptions['pace']
}

const quick: ScanOptions['pace'] = { ...briskly, times: { call_ms: 400, first_ms: 250 } }

/** Whether an account belongs to the organization is told by its list alone: the row goes with it. */
const listedThere = 'aws_organizations_account'

/** `as before`: the last good reading counts for a day when reads end in errors. `unknown`: some are. */
const faults: Fault[] = [
  // The report's own time does not move on: after a day it is too old.
  { faults: 'iam:GetCredentialReport=omitted(Content)', leaves: 'as before' },
  { faults: 'sts=slow(0ms) *=error(500:InternalError)', leaves: 'unknown' },
  { faults: 's3:GetBucketPolicy=error(400:Surprising)', leaves: 'as before' },
  { faults: '*=throttled(2)', leaves: 'as before' },
  { faults: 'iam=throttled kms=throttled', leaves: 'as before' },
  { faults: `${careless}/sts=throttled`, leaves: 'as before' },
  { faults: `${careless}/sts=denied`, leaves: 'unknown' },
  { faults: '*@us-east-1=silent', leaves: 'as before', pace: quick },
  { faults: 's3:Get*=silent', leaves: 'as before', pace: quick },
  { faults: `${careless}/*=omitted`, leaves: 'unknown' },
  { faults: 'ec2@us-east-1=omitted', leaves: 'as before' },
  { faults: 'ec2:DescribeRegions=denied', leaves: 'as before' },
  { faults: 'ec2:DescribeRegions=denied account:ListRegions=denied', leaves: 'unknown' },
  { faults: 'ec2:DescribeRegions=omitted(Regions[RegionName=us-east-1])', leaves: 'as before' },
  { faults: 'organizations:DescribeOrganization=denied', leaves: 'as before' },
  { faults: 'organizations:ListAccounts=throttled', leaves: 'as before' },
  { faults: `organizations:ListAccounts=omitted(Accounts[Id=${careless}])`, leaves: 'as before' },
  { faults: 'ec2:DescribeSecurityGroups=omitted(last page)', leaves: 'as before' },
  { faults: 'ec2:DescribeSubnets=omitted(last page)', leaves: 'as before' },
  { faults: 'iam:GetAccountAuthorizationDetails=omitted(last page)', leaves: 'as before' },
  { faults: 'kms:ListKeys=omitted(last page)', leaves: 'as before' },
  { faults: 'kms:ListKeys=omitted(Truncated)', leaves: 'as before' },
  { faults: 'iam:ListAccessKeys=omitted(IsTruncated)', leaves: 'as before' },
  { faults: 's3:ListBuckets=omitted(Buckets)', leaves: 'as before' },
  { faults: 'ec2:DescribeVolumes=omitted(Volumes)', leaves: 'as before' },
  { faults: 'ec2:DescribeVolumes=omitted(Volumes.Encrypted)', leaves: 'as before' },
  { faults: 'ec2:DescribeInstances=omitted(Reservations.Instances.InstanceId)', leaves: 'as before' },
  { faults: 'iam:GetAccountAuthorizationDetails=omitted(UserDetailList)', leaves: 'as before' },
  { faults: 'iam:GetAccountAuthorizationDetails=omitted(Policies.PolicyVersionList)', leaves: 'as before' },
  { faults: 'iam:GetAccountSummary=omitted(SummaryMap.AccountMFAEnabled)', leaves: 'as before' },
  { faults: 'kms:DescribeKey=omitted(KeyMetadata)', leaves: 'as before' },
]

describe('faults', () => {
  eachEngine('of a used store', (database, engine) => {
    let estate: Estate
    let stance: Stance
    let clean: Posture
    let isSound = true
    beforeAll(async () => {
      estate = await openEstate({ collect: { cell_time_budget: 5_000 } })
      stance = await estate.open(database().db)
      await estate.scan(stance)
      clean = await postureOf(stance.db)
    }, 300_000)
    afterAll(() => estate.stop())

    // All of them where scans are quick; what differs between the engines is below all of them alike.
    const some = engine === 'duckdb' ? faults.filter((_, nr) => nr % 4 === 0) : faults
    it.each(some)('$faults: $leaves', { timeout: 120_000 }, async ({ faults: given, leaves, pace }) => {
      if (!isSound) await estate.scan(stance)
      isSound = false
      const records = await recordsOf(stance.db, listedThere)
      const record = await estate.scan(stance, { faults: given, ...(pace === undefined ? {} : { pace }) })
      expect(record.state).toBe('done')
      const after = await postureOf(stance.db)
      expect(unsoundChanges(clean, after)).toEqual([])
      if (leaves === 'as before') expect(differences(clean, after)).toEqual([])
      else expect(differences(clean, after)).not.toEqual([])
      expect(await recordsOf(stance.db, listedThere), 'nothing is deleted, nobody hears of it').toEqual(
        records,
      )
      await estate.scan(stance)
      expect(differences(clean, await postureOf(stance.db))).toEqual([])
      expect(await recordsOf(stance.db, listedThere)).toEqual(records)
      isSound = true
    })

    it('when all is over the store is whole', { timeout: 120_000 }, async () => {
      expect(await lakeProblems(stance)).toEqual([])
    })
  })
})
