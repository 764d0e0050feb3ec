import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/** The JavaScript entry of a tool that npm installed, so that no shell and no `.cmd` file is needed. */
export function toolEntry(packageName: string, path: string): string {
  return join(dirname(require.resolve(`${packageName}/package.json`)), path)
}

/** Runs a JavaScript file with this Node, its output on ours; returns the exit code (1 if killed by a signal). */
export async function runTool(
  entry: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
