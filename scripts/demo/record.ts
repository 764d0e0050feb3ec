/**
 * `npm run demo:record`: makes the demo estate in the emulator, scans it through a proxy that writes in what the
 * emulator cannot give, and keeps what went over the wire in demo/recording. Needs moto; see demo/README.md.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordAws } from '../../src/collect/aws/record.ts'
import { secretPaths } from '../../src/collect/kernel/secret-paths.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { noSettings } from '../../src/evaluate/rule-set.ts'
import { openStance } from '../../src/run/open-stance.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'
import { scan } from '../../src/run/scan.ts'
import { findMoto, startMoto } from '../../test/setup/moto-process.ts'
import { root } from '../run-tool.ts'
import { enterAccount } from './account-seeder.ts'
import { Chronicle, moment } from './chronicle.ts'
import { makeDevelopment } from './development.ts'
import { accounts, certificateArn, faults } from './estate.ts'
import { estateProxy } from './estate-proxy.ts'
import { makeOrganization } from './organization.ts'
import { makeProduction } from './production.ts'
import { makeSecurity } from './security.ts'
import { writingsOf } from './writings.ts'

const connection = 'larkspur'
const directory = process.argv[2] ?? join(root, 'demo/recording')
const since = new Date(Date.now() - 60_000)
const command = await findMoto()
if (command === undefined) throw new Error('there is no moto on this machine: see demo/README.md')

// Sets have an order in Python that is drawn at each start.
const moto = await startMoto(command, { PYTHONHASHSEED: '0', MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' })
const scratch = await mkdtemp(join(tmpdir(), 'stance-demo-'))
try {
  // The ids that the emulator draws begin anew with each account, so that a change in one leaves the others alone.
  const seed = (number: number) => fetch(`${moto.url}/moto-api/seed?a=${number}`)
  await seed(20261116)
  const chronicle = new Chronicle()
  const enter = (id: string) => enterAccount(moto.url, id, chronicle)
  const security = await enter(accounts.security)
  const production = await enter(accounts.production)
  const development = await enter(accounts.development)
  const acquired = await enter(accounts.acquired)
  console.log('making the estate')
  const organization = await makeOrganization(security)
  for (const [account, make] of [
    [security, makeSecurity],
    [production, makeProduction],
    [development, makeDevelopment],
  ] as const) {
    await seed(Number(account.id))
    await make(account)
  }

  const entered = [security, production, development, acquired]
  const proxy = await estateProxy({
    upstream: moto.url,
    accounts: new Map(entered.map(({ keys, id }) => [keys.accessKeyId, id])),
    writings: writingsOf(chronicle, since),
    renames: [
      certificateArn,
      ...[...organization].map(([from, to]) => ({ from, to, service: 'organizations' })),
      ...[...chronicle.keyNames()].map(([from, to]) => ({ from, to })),
    ],
  })
  const settings: RunSettings = {
    connections: [
      {
        name: connection,
        endpoint: proxy.url,
        keys: (id) => (entered.find((one) => one.id === id) ?? security).keys,
        accounts: 'automatic',
        off_accounts: [],
        organization: true,
        regions: 'automatic',
      },
    ],
    network: {},
    collect: {
      concurrency: 2,
      call_budget: 100_000,
      cell_time_budget: 600_000,
      stale_after: 86_400_000,
      inventory: 'full',
    },
    rules: { ...noSettings, directories: [] },
    data_directory: scratch,
  }
  console.log('scanning it')
  const db = await openDatabase({ path: join(scratch, 'stance.duckdb') })
  const stance = await openStance(db, { settings, clock: fixedClock(moment) })
  const recorded = join(scratch, 'recording')
  const recorder = await recordAws({
    directory: recorded,
    secrets: secretPaths([...stance.registry.tables.values()], [...stance.registry.sources.values()]),
    // Seals are the same in each recording; no secret of the estate is one.
    key: 'demo',
    now: () => moment,
  })
  const record = await scan(stance, { settings, listen: recorder.listen })
  const broken = await db.query<{ cell: string }>(
    `select c.account_id || ' ' || c.table_name || ' ' || c.part || ': ' || c.message as cell
     from stance.cell c where c.state in ('error', 'not_collected') order by cell nulls last`,
  )
  for (const { cell } of broken) console.error(`not read: ${cell}`)
  await db.close()
  await proxy.stop()
  const { files, exchanges, unrecorded } = await recorder.close()
  for (const one of unrecorded) console.error(`not recorded: ${one.service}:${one.operation}: ${one.reason}`)
  if (unrecorded.length + broken.length > 0 || record.state !== 'done')
    throw new Error('the recording is not whole')
  await rm(directory, { recursive: true, force: true })
  await cp(recorded, directory, { recursive: true })
  await writeFile(join(directory, 'faults.txt'), faults)
  console.log(`${exchanges} exchanges in ${files.length} files`)
} finally {
  await moto.stop()
  await rm(scratch, { recursive: true, force: true })
}
