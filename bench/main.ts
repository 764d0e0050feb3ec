import { fork } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type BenchName, benches, isBench, type Part } from './benches.ts'
import { load, machine, type Outcome, say } from './measure.ts'

/**
 * `npm run bench -- [name …] [--engine duckdb|postgres] [--scale 0.1] [--limit minutes]` (bench/README.md). Each bench
 * runs on each engine in a process of its own: its peak memory is its own, and one that hangs is ended.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string' },
    scale: { type: 'string', default: '1' },
    limit: { type: 'string', default: '60' },
  },
})
const unknown = positionals.find((name) => !isBench(name))
if (unknown !== undefined) {
  say(`There is no bench ${unknown}. There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
const scale = Number(values.scale)
const limit = Number(values.limit)
if (!(scale > 0 && scale <= 1 && limit > 0) || !/^(duckdb|postgres)?$/.test(values.engine ?? '')) {
  say('--engine is duckdb or postgres, --scale a number above 0, at most 1, --limit a number of minutes.')
  process.exit(2)
}

let child: ReturnType<typeof fork> | undefined
let isStopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isStopped = true
    child?.kill('SIGTERM')
  })

const outcomes: Outcome[] = []
const broken: string[] = []
say(machine())
if (scale < 1) say(`at ${scale} of the full size: what is wanted is wanted at full size`)
for (const part of parts()) {
  if (isStopped) break
  const said = await run(part)
  outcomes.push(...said.outcomes)
  if (said.problem !== undefined) broken.push(`${part.name}, ${part.engine}: ${said.problem}`)
}
conclude()

function parts(): Part[] {
  const engines =
    values.engine === undefined ? (['duckdb', 'postgres'] as const) : [values.engine as 'duckdb']
  const names = positionals.length === 0 ? Object.keys(benches) : positionals
  return names.flatMap((name) => engines.map((engine) => ({ name: name as BenchName, engine, scale })))
}

interface Said {
  outcomes: Outcome[]
  problem?: string
}

async function run(part: Part): Promise<Said> {
  const scratch = await mkdtemp(join(tmpdir(), 'stance-bench-'))
  // PostgreSQL runs as a user of its own where this is run as root.
  await chmod(scratch, 0o755)
  const said: Said = { outcomes: [] }
  const started = performance.now()
  child = fork(
    fileURLToPath(new URL('bench-child.ts', import.meta.url)),
    [JSON.stringify({ ...part, scratch })],
    {
      env: { ...process.env, UV_THREADPOOL_SIZE: '12' },
    },
  )
  child.on('message', (outcome) => said.outcomes.push(outcome as Outcome))
  const ended = new Promise<number | null>((resolve) => child?.once('exit', resolve))
  const term = setTimeout(() => {
    said.problem = `not finished after ${limit} minutes`
    child?.kill('SIGTERM')
  }, limit * 60_000)
  const kill = setTimeout(() => child?.kill('SIGKILL'), limit * 60_000 + 20_000)
  const code = await ended
  clearTimeout(term)
  clearTimeout(kill)
  if (isStopped) said.problem = 'stopped'
  else if (code !== 0) said.problem ??= `ended with ${code}`
  if (said.problem !== undefined) say(`  ${said.problem}`)
  await endServers(scratch)
  await rm(scratch, { recursive: true, force: true })
  say(`  (${((performance.now() - started) / 1000).toFixed(0)} s in all, seeding included; ${load()})`)
  return said
}

/** A bench that had to be killed leaves its PostgreSQL running. */
async function endServers(scratch: string): Promise<void> {
  for (const name of await readdir(scratch)) {
    const text = await readFile(join(scratch, name, 'postmaster.pid'), 'utf8').catch(() => '')
    const pid = Number(text.split('\n')[0])
    if (pid > 0) {
      try {
        process.kill(pid, 'SIGQUIT')
      } catch {
        // It has ended by itself.
      }
    }
  }
}

function conclude(): void {
  const missed = outcomes.filter(({ met }) => !met)
  say(`\n${outcomes.length - missed.length} of ${outcomes.length} met; ${load()}`)
  for (const { what, value, wanted } of missed) say(`  NOT MET  ${what}: ${value} (wanted ${wanted})`)
  for (const line of broken) say(`  NO FIGURE  ${line}`)
  process.exitCode = broken.length > 0 ? 1 : 0
}
