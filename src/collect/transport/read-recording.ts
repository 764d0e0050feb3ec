import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { StanceError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import {
  connectionOf,
  isHead,
  isRecordingFile,
  type RecordedExchange,
  type RecordingHead,
} from './recording.ts'

export interface Recording {
  /** When the last of its answers was got. */
  recorded_at: Date
  /** Accounts that it speaks of, in order. */
  accounts: readonly string[]
  /** Names of the connections that asked for themselves; a replay has to call its own the same. */
  connections: readonly string[]
  exchanges: readonly RecordedExchange[]
}

const mostBytes = 2 ** 31

/** Reads a recording into memory. Files of other kinds beside it are left alone. */
export async function readRecording(directory: string): Promise<Recording> {
  const names = await namesIn(directory)
  const exchanges: RecordedExchange[] = []
  let latest = ''
  for (const name of names) {
    const [head, ...rest] = linesOf(await contentOf(join(directory, name)), name)
    if (head === undefined || !isHead(head)) throw broken(name, 'does not begin as a recording does')
    const { recorded_at } = head as unknown as RecordingHead
    if (recorded_at > latest) latest = recorded_at
    exchanges.push(...(rest as unknown as RecordedExchange[]))
  }
  if (exchanges.length === 0) throw broken(directory, 'holds no recording')
  const asked = [...new Set(exchanges.map(({ account_id }) => account_id))].sort()
  const connections = asked.flatMap((one) => connectionOf(one) ?? [])
  const accounts = asked.filter((one) => connectionOf(one) === undefined)
  return { recorded_at: new Date(latest), accounts, connections, exchanges }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    const all = await readdir(directory, { recursive: true })
    return all.filter(isRecordingFile).sort()
  } catch (cause) {
    throw broken(directory, 'cannot be read', cause)
  }
}

async function contentOf(path: string): Promise<string> {
  const bytes = await readFile(path)
  return (path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: mostBytes }) : bytes).toString('utf8')
}

function linesOf(content: string, name: string): JsonObject[] {
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return JSON.parse(line) as JsonObject
      } catch (cause) {
        throw broken(name, `has a broken line (${index + 1})`, cause)
      }
    })
}

function broken(place: string, what: string, cause?: unknown): StanceError {
  return new StanceError('COLLECT_RECORDING', `${place} ${what}.`, {
    next: 'The recording of the demo comes with Stance: install it again.',
    cause,
  })
}
