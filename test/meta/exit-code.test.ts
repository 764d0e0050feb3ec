import { spawn } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root, toolEntry } from '../../scripts/run-tool.ts'

it('a run with a failed test fails, with the databases started and stopped', async () => {
  // Within the checkout, so that the test file finds Vitest.
  const directory = join(root, 'node_modules/.cache', `exit-code-${process.pid}`)
  await mkdir(directory, { recursive: true })
  try {
    const config = join(directory, 'vitest.config.mjs')
    await writeFile(
      config,
      `import base from ${JSON.stringify(join(root, 'vitest.config.ts'))}
       export default { root: ${JSON.stringify(root)}, test: {
         ...base.test, exclude: [], include: [${JSON.stringify(`node_modules/.cache/exit-code-${process.pid}/*.test.mjs`)}] } }`,
    )
    const body = "import { expect, it } from 'vitest'\nit('fails', () => expect(1).toBe(2))\n"
    await writeFile(join(directory, 'fails.test.mjs'), body)
    const child = spawn(process.execPath, [toolEntry('vitest', 'vitest.mjs'), 'run', '--config', config], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(output).toMatch(/1 failed/)
    expect(code).toBe(1)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
