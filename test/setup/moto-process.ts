import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlive } from './is-alive.ts'

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const notes = join(cache, 'moto-running')
const windows = process.platform === 'win32'

export interface MotoProcess {
  url: string
  pid: number
  stop(): Promise<void>
}

/** How moto is started here: from PATH, from our own virtual environment, or as a module of Python. */
export async function findMoto(): Promise<string[] | undefined> {
  const name = windows ? 'moto_server.exe' : 'moto_server'
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    join(cache, 'moto', windows ? 'Scripts' : 'bin'),
  ]
  for (const place of places) {
    const file = join(place, name)
    if (place !== '' && existsSync(file)) return [file]
  }
  for (const python of windows ? ['py', 'python'] : ['python3', 'python']) {
    const tried = spawnSync(python, ['-c', 'import moto.server, flask'], { stdio: 'ignore', timeout: 20_000 })
    if (tried.status === 0) return [python, '-m', 'moto.server']
  }
  return undefined
}

/** Starts moto on a port that the system chooses; resolves when it answers. It ends with this process. */
export async function startMoto(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<MotoProcess> {
  const [file, ...args] = command
  const child = spawn(file!, [...args, '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Signed requests of any kind are let in; what a region is called must not come from this machine.
    env: { ...process.env, PYTHONUNBUFFERED: '1', MOTO_IAM_LOAD_MANAGED_POLICIES: 'false', ...env },
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const note = join(notes, `${process.pid}-${child.pid}`)
  await mkdir(notes, { recursive: true })
  await writeFile(note, '')
  try {
    const port = await portOf(child)
    return {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid ?? 0,
      stop: async () => {
        process.off('exit', end)
        await ended(child)
        await rm(note, { force: true })
      },
    }
  } catch (error) {
    await ended(child)
    await rm(note, { force: true })
    throw error
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => reject(new Error(`moto did not start within 60 s:\n${output}`)), 60_000)
    const read = (chunk: Buffer) => {
      // Afterwards the log of requests goes on and must be drained, but not kept.
      if (output === '#') return
      output += chunk.toString()
      const found = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)
      if (found === null) return
      output = '#'
      clearTimeout(timer)
      resolve(Number(found[1]))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`moto ended with ${code}:\n${output}`))
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL') // nothing in it is worth keeping, and a polite end waits for open sockets
  await exit
}

/** Ends servers whose owner was killed without a chance to do so. Their notes are named owner-server. */
export async function sweepLeftovers(): Promise<void> {
  for (const name of existsSync(notes) ? await readdir(notes) : []) {
    const [owner, server] = name.split('-').map(Number)
    if (owner === undefined || server === undefined || isAlive(owner)) continue
    if (isMoto(server)) process.kill(server, 'SIGKILL')
    await rm(join(notes, name), { force: true })
  }
}

/** A process id may have been given to another process since: only what is moto is ended. */
function isMoto(pid: number): boolean {
  if (!isAlive(pid)) return false
  if (existsSync(`/proc/${pid}/cmdline`)) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('moto')
  if (windows) return false
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes('moto')
}
