import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ChildLine, ChildScan } from './scan-child.ts'

/** At a share of a scan's length: of its statements (also in the midst of a transaction), or of its time. */
export interface Moment {
  by: 'statement' | 'time'
  share: number
}

/** How long a scan is when nobody disturbs it. */
export interface Length {
  statements: number
  ms: number
}

export interface ChildEnd {
  wasKilled: boolean
  /** Cells that it said were in the store. */
  ended: string[]
  /** Transactions that had begun and not ended, by what they write. */
  open: string[]
  length: Length
}

const program = fileURLToPath(new URL('scan-child.ts', import.meta.url))

/** Runs a scan in a child, which is killed at the moment, if it has not ended by then. */
export async function scanInChild(scan: ChildScan, kill?: Moment, usual?: Length): Promise<ChildEnd> {
  const killed_after =
    kill?.by === 'statement' && usual !== undefined
      ? { killed_after: 1 + Math.floor(kill.share * usual.statements) }
      : {}
  const child = spawn(process.execPath, [program, JSON.stringify({ ...scan, ...killed_after })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const end: ChildEnd = { wasKilled: false, ended: [], open: [], length: { statements: 0, ms: 0 } }
  const open = new Map<number, string>()
  let began = 0
  let timer: Promise<unknown> | undefined
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as ChildLine
    if (line.kind === 'scanning') {
      began = performance.now()
      if (kill?.by === 'time' && usual !== undefined)
        timer = sleep(kill.share * usual.ms).then(() => child.kill('SIGKILL'))
    } else if (line.kind === 'begin') open.set(line.transaction, line.label)
    else if (line.kind === 'end') open.delete(line.transaction)
    else if (line.kind === 'cell') end.ended.push(line.cell)
    else if (line.kind === 'done') end.length = { statements: line.statements, ms: performance.now() - began }
  }
  const [code, signal] = await exit
  await timer
  end.open = [...open.values()]
  end.wasKilled = signal === 'SIGKILL' && end.length.statements === 0
  if (!end.wasKilled && end.length.statements === 0) throw new Error(`the child ended with ${code ?? signal}`)
  return end
}

/** Numbers that look drawn and are the same in each run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
