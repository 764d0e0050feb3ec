#!/usr/bin/env node
// Plain JavaScript for any Node: finds a Node that can run Stance, then hands over. It alone may set the
// environment. Everything is imported late, because libuv reads the size of its pool at first use.
if (process.env.UV_THREADPOOL_SIZE === undefined) process.env.UV_THREADPOOL_SIZE = '12'
// What lies in the database, its log and its copies is nobody else's business; the engine makes files of its own.
process.umask(0o077)

const neededMajor = 24
const enough = Number.parseInt(process.versions.node, 10) >= neededMajor
// A scan makes many short-lived objects; with Node's own 16 MB for them the heap grows to twice what is ever used, and
// with an arena a thread glibc does the like (500 MB for 17 empty regions, 300 MB with these; a tenth more processor).
const frugal = '--max-semi-space-size=4'
process.env.MALLOC_ARENA_MAX ??= '2'

if (!enough) await handOver()
else if (isStartedBare() && process.execve !== undefined) startFrugally()
else await run()

/** By a person or a script, with no say of theirs in how Node uses memory. */
function isStartedBare() {
  const said = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  return import.meta.main === true && !said.includes('--max-semi-space-size')
}

/** The same process begins anew: Node takes these only when it starts. */
function startFrugally() {
  process.execve(process.execPath, [process.execPath, frugal, ...process.execArgv, ...process.argv.slice(1)])
}

/** Runs in this process: the sources in a checkout, `dist` in the published package (which has no `src`). */
async function run() {
  endWithParent()
  const { existsSync } = await import('node:fs')
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const inCheckout = existsSync(source)
  await enableCompileCache(inCheckout)
  const { main } = await import(
    inCheckout ? source.href : new URL('../dist/cli/main.js', import.meta.url).href
  )
  process.exitCode = await main(process.argv.slice(2))
}

/** Of an older Node that handed over to this process: where it is killed, nobody would end this one. */
function endWithParent() {
  if (process.channel === undefined) return
  process.channel.unref()
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/**
 * Compiled code is kept between starts (0.5 s → 0.15 s for 400 files), never in the temp directory that Node
 * would choose by itself: there anybody on the machine could put code for us to run.
 */
async function enableCompileCache(inCheckout) {
  if (process.env.NODE_COMPILE_CACHE !== undefined || process.env.NODE_DISABLE_COMPILE_CACHE !== undefined)
    return
  const module = await import('node:module')
  const { fileURLToPath } = await import('node:url')
  const { homedir } = await import('node:os')
  const { join } = await import('node:path')
  const userCache = process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || join(homedir(), '.cache')
  const directory = inCheckout
    ? fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url))
    : join(userCache, 'stance', 'compile')
  module.enableCompileCache(directory) // reports failure by its result; a cache that cannot be had is no error
}

/** Runs the Node that `npm ci` installed in a checkout, as if it were this process. */
async function handOver() {
  const { existsSync } = await import('node:fs')
  const { fileURLToPath } = await import('node:url')
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const node = fileURLToPath(new URL('../node_modules/node/bin/' + name, import.meta.url))
  if (!existsSync(node)) {
    console.error(
      `stance needs Node ${neededMajor} or newer; this is ${process.version}. Install it from https://nodejs.org`,
    )
    process.exitCode = 2
    return
  }
  const { spawn } = await import('node:child_process')
  // Not spawnSync: a signal would end this process and orphan the child.
  const child = spawn(node, [frugal, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; a second one would mean "at once".
      if (signal === 'SIGINT' && onTerminal) return
      child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(
      `stance needs Node ${neededMajor} or newer; this is ${process.version}, and ${node} cannot be started: ${error.message}`,
    )
    process.exitCode = 2
  })
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 2
      return
    }
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
