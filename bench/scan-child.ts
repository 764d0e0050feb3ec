import { subscribe } from 'node:diagnostics_channel'
import { finished } from 'node:stream'
import { peakMegabytes } from './measure.ts'

/** What one run of the command line used, told to the bench that started it. */
export interface Used {
  exit_code: number
  seconds: number
  cpu_seconds: number
  peak_megabytes: number
  /** Time during which at least one call was under way. */
  calling_seconds: number
}

const calling = watchCalls()
// The program as it is started by everybody, start included.
const entry: string = '../bin/stance.js'
await import(entry)
const { user, system } = process.cpuUsage()
const used: Used = {
  exit_code: Number(process.exitCode ?? 0),
  seconds: performance.now() / 1000,
  cpu_seconds: (user + system) / 1e6,
  peak_megabytes: peakMegabytes(),
  calling_seconds: calling(),
}
process.send?.(used, () => process.disconnect())

/** Seconds in which at least one request of Node's HTTP client had no whole answer yet. */
function watchCalls(): () => number {
  let open = 0
  let since = 0
  let total = 0
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: NodeJS.WritableStream & import('node:http').ClientRequest }
    if (open++ === 0) since = performance.now()
    const over = () => {
      if (--open === 0) total += performance.now() - since
    }
    let isOver = false
    const once = () => {
      if (!isOver) over()
      isOver = true
    }
    request.once('close', once)
    request.once('response', (response) => finished(response, once))
  })
  return () => total / 1000
}
