import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findMoto, type MotoProcess, startMoto } from '../test/setup/moto-process.ts'
import { type BenchEngine, benchServer } from './engines.ts'
import { about, atMost, figure, say } from './measure.ts'
import type { Used } from './scan-child.ts'
import { emptyRegions, seedEstate } from './seed-estate.ts'

const region = 'eu-west-1'
const account = '111122223333'
const others = [
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
  ...['ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1'],
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
]

/** The emulator answers these with 500, which is tried again: what the cloud would answer costs one call each. */
const notEmulated = [
  'GetEbsDefaultKmsKeyId',
  'GetInstanceMetadataDefaults',
  'GetSerialConsoleAccessStatus',
  'GetSnapshotBlockPublicAccessState',
]
const faults = notEmulated.map((operation) => `ec2:${operation}=denied`).join(',')

/** A scan as a user runs it, against the emulator: what it costs, and how much of the time is ours. */
export async function scanning(engine: BenchEngine): Promise<void> {
  about(`scan, ${engine}: 1,000 resources in ${region} on the emulator`)
  const command = await findMoto()
  if (command === undefined) throw new Error('there is no moto server on this machine (test/setup/moto.ts)')
  const full = await startMoto(command, { MOTO_ACCOUNT_ID: account })
  const empty = await startMoto(command, { MOTO_ACCOUNT_ID: account })
  try {
    await seedEstate({ url: full.url, region })
    await emptyRegions(empty.url, others)
    await scanEstate(engine, full)
    about(`scan, ${engine}: ${others.length} empty regions`)
    await scanEmpty(engine, empty)
  } finally {
    await full.stop()
    await empty.stop()
  }
}

async function scanEstate(engine: BenchEngine, moto: MotoProcess): Promise<void> {
  for (const inventory of ['daily', 'off'] as const)
    await withPlace(engine, async (place) => {
      const settings = { url: moto.url, inventory, place }
      const first = await run(settings, ['--region', `${region},global`], moto)
      tell(`first scan, inventory ${inventory}`, first)
      atMost(`calls per resource, inventory ${inventory}`, first.calls / first.resources, '', 2.5)
      operations(first)
      if (inventory === 'daily') tell('again', await run(settings, ['--region', `${region},global`], moto))
    })
}

async function scanEmpty(engine: BenchEngine, moto: MotoProcess): Promise<void> {
  for (const inventory of ['daily', 'off'] as const)
    await withPlace(engine, async (place) => {
      const first = await run({ url: moto.url, inventory, place }, ['--region', others.join(',')], moto)
      tell(`first scan, inventory ${inventory}`, first)
      const { lists, calls, own } = perList(first)
      figure('lists by region', `${lists}; ${own} more calls for the regions' own settings`)
      atMost(`calls per regional list, inventory ${inventory}`, (calls - own) / lists, '', 1.1)
      atMost(`peak memory, inventory ${inventory}`, first.used.peak_megabytes, 'MB', 300)
      operations(first)
    })
}

interface Ran {
  used: Used
  calls: number
  /** Regional cells that are listed: not the regions' own. */
  lists: number
  resources: number
  operations: { service: string; operation: string; calls: number; waited_ms: number }[]
  emulator_cpu: number
}

interface Running {
  url: string
  inventory: 'daily' | 'off'
  place: { directory: string; database: string | undefined }
}

/** A region is itself a resource with settings that each need a call; they are told apart from the lists. */
function perList({ operations, lists, calls }: Ran): { lists: number; calls: number; own: number } {
  const own = operations
    .filter(({ service, operation }) => service === 'ec2' && /^Get/.test(operation))
    .reduce((sum, one) => sum + one.calls, 0)
  return { lists, calls, own }
}

type Place = Running['place']

/** An empty store for one run of scans. */
async function withPlace(engine: BenchEngine, work: (place: Place) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'stance-bench-'))
  const server = engine === 'postgres' ? await benchServer() : undefined
  try {
    await work({ directory, database: server?.url })
  } finally {
    await server?.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function run({ url, inventory, place }: Running, narrowing: string[], moto: MotoProcess): Promise<Ran> {
  const { directory, database } = place
  const config = join(directory, 'stance.yaml')
  const connection = { name: 'bench', endpoint: url }
  await writeFile(
    config,
    JSON.stringify({ data_directory: directory, collect: { inventory }, connections: [connection] }),
  )
  const before = await cpuOf(moto.pid)
  const child = fork(
    fileURLToPath(new URL('scan-child.ts', import.meta.url)),
    ['scan', '--json', '--fail-on', 'never', '--faults', faults, '--config', config, ...narrowing],
    {
      env: { ...process.env, ...environment(database) },
      // As bin/stance.js starts Node when it is not imported.
      execArgv: ['--max-semi-space-size=4'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  const told = Promise.withResolvers<Used>()
  child.once('message', (used) => told.resolve(used as Used))
  child.once('exit', (code) => told.reject(new Error(`the scan ended with ${code} and told nothing`)))
  const ran = { calls: 0, lists: 0, resources: 0, operations: [] as Ran['operations'] }
  if (child.stdout === null) throw new Error('the scan has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as Line
    if (event.kind === 'cell_ended' && event.part !== 'global' && event.table_name !== 'aws_region')
      ran.lists++
    if (event.kind === 'cell_ended' && !/^aws_(account|region)$/.test(event.table_name))
      ran.resources += event.rows
    if (event.kind === 'summary')
      Object.assign(ran, { calls: event.cost.calls, operations: event.cost.operations })
  }
  const used = await told.promise
  if (used.exit_code !== 0) throw new Error(`the scan ended with ${used.exit_code}`)
  return { used, ...ran, emulator_cpu: (await cpuOf(moto.pid)) - before }
}

type Line =
  | { kind: 'cell_ended'; table_name: string; part: string; rows: number }
  | { kind: 'summary'; cost: { calls: number; operations: Ran['operations'] } }

function environment(database: string | undefined): NodeJS.ProcessEnv {
  return {
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_REGION: region,
    UV_THREADPOOL_SIZE: '12',
    MALLOC_ARENA_MAX: '2',
    ...(database === undefined ? {} : { DATABASE_URL: database }),
  }
}

/** Seconds of processor time that the emulator has used; 0 where the system does not tell. */
async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return 0
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function tell(what: string, { used, calls, resources, emulator_cpu }: Ran): void {
  const { seconds, cpu_seconds, calling_seconds, peak_megabytes } = used
  const alone = Math.max(0, seconds - calling_seconds)
  figure(
    what,
    [
      `${resources} resources, ${calls} calls, ${seconds.toFixed(1)} s`,
      `CPU ${cpu_seconds.toFixed(1)} s of ours, ${emulator_cpu.toFixed(1)} s of the emulator`,
      `a call was under way for ${calling_seconds.toFixed(1)} s, none for ${alone.toFixed(1)} s`,
      `peak ${peak_megabytes} MB`,
    ].join('; '),
  )
}

function operations(ran: Ran): void {
  const dear = ran.operations.map(({ service, operation, calls }) => `${service}:${operation} ${calls}`)
  say(`    ${dear.join(', ')}`)
}
