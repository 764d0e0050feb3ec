import { spawn } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { MotoAccount } from '../setup/moto-account.ts'

const shim = fileURLToPath(new URL('../../bin/stance.js', import.meta.url))

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A directory with a stance.yaml in it, as a person has one. */
export async function makeWorkplace(settings = ''): Promise<{ cwd: string; remove(): Promise<void> }> {
  const cwd = await realpath(await mkdtemp(join(inject('sharedDirectory'), 'cli-')))
  if (settings !== '') await writeFile(join(cwd, 'stance.yaml'), settings)
  return { cwd, remove: () => rm(cwd, { recursive: true, force: true }) }
}

export function settingsFor(account: MotoAccount): string {
  return `connections:\n  - endpoint: ${account.url}\n    regions: [us-east-1]\n`
}

export function credentialsOf({ credentials }: MotoAccount): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

export interface Running {
  pid: number
  /** Resolves once that was printed, on either stream. */
  said(words: RegExp): Promise<void>
  ended: Promise<Ended>
}

/** Starts the command as a person would, in a process of its own. */
export function startStance(args: readonly string[], cwd: string, env: Record<string, string>): Running {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [shim, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  const waiting: { words: RegExp; resolve: () => void }[] = []
  const hear = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    output[stream] += chunk.toString()
    for (const one of waiting) if (one.words.test(output[stream])) one.resolve()
  }
  child.stdout.on('data', hear('stdout'))
  child.stderr.on('data', hear('stderr'))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })))
  return {
    pid: child.pid ?? 0,
    ended,
    said: (words) =>
      Promise.race([
        new Promise<void>((resolve) => {
          if (words.test(output.stdout) || words.test(output.stderr)) resolve()
          waiting.push({ words, resolve })
        }),
        ended.then(({ code, stderr }) => {
          throw new Error(`it ended with ${code} and never said ${words}:\n${stderr}`)
        }),
      ]),
  }
}

/** The same in this process: quicker, and its statements are linted. */
export async function stance(args: readonly string[], cwd: string, columns?: number): Promise<Ended> {
  const output = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: columns !== undefined,
    columns,
    write: (text: string) => {
      output[name] += text
    },
  })
  const code = await main(args, { cwd, stdout: stream('stdout'), stderr: stream('stderr') })
  return { code, ...output }
}
