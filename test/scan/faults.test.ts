import { expect, it } from 'vitest'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { faultFor, parseFaults } from '../../src/collect/transport/faults.ts'
import { readRecording } from '../../src/collect/transport/read-recording.ts'
import type { ScanNarrowing, ScanOptions } from '../../src/run/scan.ts'
import { longest } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless, recordedEstate } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { briskly } from './open-estate.ts'
import { nameOf, recordedOperations } from './operations.ts'
import { differences, type Finding, postureOf, recordsOf, unsoundChanges } from './posture.ts'

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
  { faults: 'account:ListRegions=denied', leaves: 'as before' },
  { faults: 'ec2:DescribeRegions=denied account:ListRegions=denied', leaves: 'unknown' },
  { faults: 'ec2:DescribeRegions=omitted(Regions[RegionName=us-east-1])', leaves: 'as before' },
  { faults: 'organizations:DescribeOrganization=denied', leaves: 'as before' },
  { faults: 'organizations:ListRoots=denied', leaves: 'as before' },
  { faults: 'organizations:ListOrganizationalUnitsForParent=denied', leaves: 'as before' },
  { faults: 'organizations:ListAccountsForParent=denied', leaves: 'as before' },
  { faults: 'organizations=denied', leaves: 'as before' },
  { faults: 'organizations:ListAccounts=throttled', leaves: 'as before' },
  { faults: `organizations:ListAccounts=omitted(Accounts[Id=${careless}])`, leaves: 'as before' },
  { faults: 'ec2:DescribeSecurityGroups=omitted(last page)', leaves: 'as before' },
  { faults: 'ec2:DescribeSubnets=omitted(last page)', leaves: 'as before' },
  { faults: 'ec2:DescribeVolumes=omitted(last page)', leaves: 'as before' },
  { faults: 'iam:GetAccountAuthorizationDetails=omitted(last page)', leaves: 'as before' },
  { faults: 'kms:ListKeys=omitted(last page)', leaves: 'as before' },
  { faults: 'ec2:DescribeInstances=omitted(Reservations.Instances.InstanceId)', leaves: 'as before' },
  { faults: 'iam:GetAccountAuthorizationDetails=omitted(Policies.PolicyVersionList)', leaves: 'as before' },
  { faults: 'iam:GetAccountSummary=omitted(SummaryMap.AccountMFAEnabled)', leaves: 'as before' },
]

/** Who cannot say who it is reads nothing: the scan ends before it begins. */
const nameless = 'sts:GetCallerIdentity=denied'

const operations = await recordedOperations(new TableRegistry(tables, sources))
const { exchanges } = await readRecording(recordedEstate)

it('what finds accounts and regions is refused, too', () => {
  const ofTables = new Set(operations.map(({ name }) => name))
  const denied = [...faults.map((one) => one.faults), nameless].map((one) =>
    parseFaults(one).filter(({ kind }) => kind === 'denied'),
  )
  const untried = exchanges.filter(
    (one) => !ofTables.has(nameOf(one)) && denied.every((some) => faultFor(some, one, 1) === undefined),
  )
  expect([...new Set(untried.map(nameOf))]).toEqual([])
})

/** Where a fault meets nothing but operations of tables, what they serve is all that is read. */
function narrowingOf(given: string): ScanNarrowing {
  const parsed = parseFaults(given)
  const met = new Set(exchanges.filter((one) => faultFor(parsed, one, 1) !== undefined).map(nameOf))
  const served = operations.filter(({ name }) => met.has(name) && !name.startsWith('organizations:'))
  return served.length < met.size ? {} : { tables: [...new Set(served.flatMap((one) => one.tables))] }
}

const options = { copies: 'one for all', estate: { collect: { cell_time_budget: 5_000 } } } as const
eachScannedStore('faults in a used store', options, (scanned, engine) => {
  let isSound = true
  // All of them where scans are quick; what differs between the engines is below all of them alike.
  const some = engine === 'duckdb' ? faults.filter((_, nr) => nr % 4 === 0) : faults
  it.each(some)('$faults: $leaves', { timeout: longest }, async ({ faults: given, leaves, pace }) => {
    const { estate, stance, clean } = isSound ? scanned() : await scanned().renew()
    isSound = false
    const records = await recordsOf(stance.db, listedThere)
    const record = await estate.scan(stance, {
      faults: given,
      narrowing: narrowingOf(given),
      ...(pace === undefined ? {} : { pace }),
    })
    expect(record.state).toBe('done')
    const after = await postureOf(stance.db)
    expect(unsoundChanges(clean, after)).toEqual([])
    if (leaves === 'as before') expect(differences(clean, after)).toEqual([])
    else expect(differences(clean, after)).not.toEqual([])
    expect(await recordsOf(stance.db, listedThere), 'nothing is deleted, nobody hears of it').toEqual(records)
    // What is as before is as good for the next one, whose scan reads the rest again.
    if (leaves === 'unknown') {
      await estate.scan(stance)
      expect(differences(clean, await postureOf(stance.db))).toEqual([])
      expect(await recordsOf(stance.db, listedThere)).toEqual(records)
    }
    isSound = true
  })

  it(`${nameless}: no scan, and all is as before`, { timeout: longest }, async () => {
    const { estate, stance, clean } = scanned()
    await expect(estate.scan(stance, { faults: nameless })).rejects.toThrow('could not say who it is')
    expect(differences(clean, await postureOf(stance.db))).toEqual([])
  })

  /** What goes on for longer than the last good reading counts, and the findings that nobody can vouch for then. */
  const lasting: { faults: string; narrowing: ScanNarrowing; isAbout: (one: Finding) => boolean }[] = [
    {
      faults: `${careless}/sts=throttled`,
      narrowing: { accounts: [careless] },
      isAbout: (one) => one.account_id === careless,
    },
    {
      faults: `${careless}/iam=error(500:InternalFailure)`,
      narrowing: { services: ['iam'] },
      isAbout: ofService('aws_iam_', careless),
    },
    { faults: 's3=throttled', narrowing: { services: ['s3'] }, isAbout: ofService('aws_s3_') },
    {
      faults: 'ec2@us-east-1=error(503:Unavailable)',
      narrowing: { services: ['ec2'] },
      isAbout: ({ table_name, region }) =>
        region === 'us-east-1' && /_(vpc|subnet|instance)$/.test(table_name),
    },
  ]
  it.each(engine === 'duckdb' ? [] : lasting)(
    '$faults for more than a day: unknown, and never more than that',
    { timeout: longest },
    async ({ faults: given, narrowing, isAbout }) => {
      const { estate, stance, clean } = await scanned().renew()
      const about = [...clean].filter(([, one]) => isAbout(one))
      expect(about.length).toBeGreaterThan(4)
      const records = await recordsOf(stance.db, listedThere)
      for (const hours of [0, 12, 26]) {
        estate.clock.set(estate.clock.now().getTime() + hours * 3_600_000)
        await estate.scan(stance, { faults: given, narrowing })
        const after = await postureOf(stance.db)
        expect(unsoundChanges(clean, after)).toEqual([])
        const verdicts = about.map(([name]) => `${name}: ${after.get(name)?.verdict}`)
        const before = about.map(([name, { verdict }]) => `${name}: ${hours > 24 ? 'unknown' : verdict}`)
        expect(verdicts, `${hours} hours later`).toEqual(before)
      }
      expect(await recordsOf(stance.db, listedThere)).toEqual(records)
    },
  )

  it('when all is over the store is whole', { timeout: longest }, async () => {
    const { estate, stance, clean } = scanned()
    await estate.scan(stance)
    expect(differences(clean, await postureOf(stance.db))).toEqual([])
    expect(await stance.db.query('select * from public.coverage')).toEqual([])
    expect(await lakeProblems(stance)).toEqual([])
  })
})

function ofService(prefix: string, account?: string): (one: Finding) => boolean {
  return ({ table_name, account_id }) =>
    table_name.startsWith(prefix) && (account === undefined || account_id === account)
}
