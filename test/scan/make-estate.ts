/**
 * Makes test/recordings/estate anew: two accounts with the same names in two emulators, scanned once, what went over
 * the wire kept. `npm exec -c 'node test/scan/make-estate.ts'`, where there is moto. The tests need the recording only.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Organizations } from '@aws-sdk/client-organizations'
import { recordAws } from '../../src/collect/aws/record.ts'
import { secretPaths } from '../../src/collect/kernel/secret-paths.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { openStance } from '../../src/run/open-stance.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'
import { scan } from '../../src/run/scan.ts'
import type { MotoAccount } from '../setup/moto-account.ts'
import { findMoto, startMoto } from '../setup/moto-process.ts'
import { emulatorProxy } from './emulator-proxy.ts'
import { accounts, careless, connectionName, good, recordedEstate } from './estate.ts'
import { briskly, clockFrom } from './open-estate.ts'
import { nameOf, scannedOperations } from './operations.ts'
import { seedAccount } from './seed-account.ts'

const command = await findMoto()
if (command === undefined) throw new Error('there is no moto on this machine')
const scratch = await mkdtemp(join(tmpdir(), 'stance-estate-'))
const emulators = await Promise.all(accounts.map(() => startMoto(command, { PYTHONHASHSEED: '0' })))
try {
  const signingKeys = new Set<string>()
  const seeded: MotoAccount[] = []
  for (const [nr, id] of accounts.entries())
    seeded.push(await seedAccount(emulators[nr]!.url, id, id === careless, signingKeys))
  const main = seeded[0]!
  const organizations = new Organizations({
    endpoint: main.url,
    region: 'us-east-1',
    credentials: main.credentials,
  })
  await organizations.createOrganization({ FeatureSet: 'ALL' })
  const { CreateAccountStatus } = await organizations.createAccount({
    AccountName: 'careless',
    Email: 'careless@larkspur.example',
  })
  const upstreams = seeded.map(
    ({ credentials, url, accountId }) => [credentials.accessKeyId, { url, accountId }] as const,
  )
  const proxy = await emulatorProxy(
    new Map(upstreams),
    [{ from: CreateAccountStatus?.AccountId ?? '', to: careless }],
    signingKeys,
  )
  const settings: RunSettings = {
    connections: [
      {
        name: connectionName,
        endpoint: proxy.url,
        home_region: 'eu-west-1',
        keys: (id) => seeded[id === careless ? 1 : 0]!.credentials,
        accounts: 'automatic',
        off_accounts: [],
        organization: true,
        regions: 'automatic',
      },
    ],
    network: {},
    collect: {
      concurrency: 8,
      call_budget: 100_000,
      cell_time_budget: 600_000,
      stale_after: 86_400_000,
      inventory: 'full',
    },
    rules: { directories: [], disabled: [], params: {}, only_on: {}, never_on: {} },
    data_directory: scratch,
  }
  const db = await openDatabase({ path: join(scratch, 'stance.duckdb') })
  const clock = clockFrom(new Date())
  const stance = await openStance(db, { settings, clock })
  const recorded = join(scratch, 'recording')
  const recorder = await recordAws({
    directory: recorded,
    secrets: secretPaths([...stance.registry.tables.values()], [...stance.registry.sources.values()]),
    key: 'estate',
    gzip: true,
  })
  const record = await scan(stance, { settings, listen: recorder.listen })
  const unread = await db.query(
    `select account_id, table_name, part, group_name, code, message, count(*) as n from public.coverage
     group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3`,
  )
  for (const one of unread) console.log('unread:', ...Object.values(one))
  const empty = []
  for (const table of stance.catalogue.tables.keys()) {
    const [row] = await db.query<{ n: number }>(`select count(*) as n from lake.${table}`)
    if (row?.n === 0) empty.push(table)
  }
  console.log('tables without rows:', empty.join(' ') || 'none')
  const verdicts = await db.query('select verdict, count(*) as n from stance.finding group by 1 order by 1')
  console.log(record.state, verdicts, `${record.cost?.calls} calls`)
  // What is asked only where something else is denied.
  const called = new Set((record.cost?.operations ?? []).map(nameOf))
  for (const { name, tables } of scannedOperations(stance.registry, called)) {
    clock.skip(3_600_000)
    await scan(stance, {
      ...{ settings, listen: recorder.listen, pace: briskly },
      narrowing: { tables },
      faults: `${name}=denied`,
    })
  }
  clock.skip(3_600_000)
  await scan(stance, {
    settings,
    listen: recorder.listen,
    pace: briskly,
    faults: 'ec2:DescribeRegions=denied',
  })
  await db.close()
  await proxy.stop()
  const { files, exchanges, unrecorded } = await recorder.close()
  for (const one of unrecorded) console.error(`not recorded: ${one.service}:${one.operation}: ${one.reason}`)
  await rm(recordedEstate, { recursive: true, force: true })
  await cp(recorded, recordedEstate, { recursive: true })
  console.log(`${exchanges} exchanges in ${files.length} files; ${good} and ${careless}`)
} finally {
  for (const emulator of emulators) await emulator.stop()
  await rm(scratch, { recursive: true, force: true })
}
