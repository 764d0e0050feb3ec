import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const shim = fileURLToPath(new URL('../bin/stance.js', import.meta.url))
let root: string

/** A checkout with nothing but the shim and a command line that says what it was given. */
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'stance-shim-')))
  await mkdir(join(root, 'bin'))
  await cp(shim, join(root, 'bin/stance.js'))
  await writeFile(join(root, 'package.json'), '{ "type": "module" }')
  await commandLine('src/cli/main.ts', 'const kind: string = "source"')
  // Makes this Node look like an old one, to the process that it is given to and no other.
  await writeFile(
    join(root, 'old.mjs'),
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
     Object.defineProperty(process, 'version', { value: 'v20.20.2' })`,
  )
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function commandLine(path: string, first: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(
    join(root, path),
    `${first}
    export async function main(argv) {
      console.log(JSON.stringify({ kind, argv, pool: process.env.UV_THREADPOOL_SIZE, node: process.versions.node }))
      if (argv[0] !== 'wait') return Number(argv[0])
      const heard = new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(signal))
      })
      const timer = setInterval(() => {}, 1000)
      console.log('ready')
      console.log(await heard)
      clearInterval(timer)
      return 7
    }`.replace('(argv)', path.endsWith('.ts') ? '(argv: string[])' : '(argv)'),
  )
}

async function installNode(): Promise<void> {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  await mkdir(join(root, 'node_modules/node/bin'), { recursive: true })
  await symlink(process.execPath, join(root, 'node_modules/node/bin', name))
}

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

function run(
  args: string[],
  options: { old?: boolean; onReady?: (pid: number) => void } = {},
): Promise<Ended> {
  const preload = options.old ? ['--import', join(root, 'old.mjs')] : []
  const env = { ...process.env }
  delete env.UV_THREADPOOL_SIZE
  delete env.NODE_OPTIONS
  const child = spawn(process.execPath, [...preload, join(root, 'bin/stance.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    if (/ready/.test(stdout)) options.onReady?.(child.pid!)
    if (/ready/.test(stdout)) options.onReady = undefined
  })
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
}

it('runs the sources of a checkout, with arguments, exit code and a larger thread pool', async () => {
  const { code, stdout, stderr } = await run(['3', 'a b'])
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'source', argv: ['3', 'a b'], pool: '12' })
})

it('runs dist where there are no sources', async () => {
  await rm(join(root, 'src'), { recursive: true })
  await commandLine('dist/cli/main.js', 'const kind = "built"')
  expect(JSON.parse((await run(['0'])).stdout)).toMatchObject({ kind: 'built' })
})

it('hands over to the installed Node where this one is too old', async () => {
  await installNode()
  const { code, stdout, stderr } = await run(['5'], { old: true })
  expect({ code, stderr }).toEqual({ code: 5, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ argv: ['5'], pool: '12', node: process.versions.node })
})

it('says in one line what is needed where there is none', async () => {
  const { code, stdout, stderr } = await run(['0'], { old: true })
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'stance needs Node 24 or newer; this is v20.20.2. Install it from https://nodejs.org\n',
  })
})

it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'passes %s on, and waits for the end',
  async (signal) => {
    await installNode()
    const ended = await run(['wait'], { old: true, onReady: (pid) => process.kill(pid, signal) })
    expect(ended).toMatchObject({ code: 7, signal: null, stdout: expect.stringMatching(`${signal}\n$`) })
  },
)

it.skipIf(process.platform === 'win32')(
  'ends with the process that handed over, however that ends',
  async () => {
    await installNode()
    // The output is closed only when the process that was handed over to has ended, too.
    const ended = await run(['wait'], { old: true, onReady: (pid) => process.kill(pid, 'SIGKILL') })
    expect(ended).toMatchObject({ signal: 'SIGKILL', stdout: expect.stringMatching(/SIGTERM\n$/) })
  },
)
