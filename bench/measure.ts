import { arch, cpus, platform, totalmem } from 'node:os'

/** Seconds that a piece of work took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** The shortest of several runs: what else the machine does only ever adds. */
export async function best(runs: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) least = Math.min(least, await seconds(work))
  return least
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One line a figure: what, the time, its yardstick, the ratio, what is wanted. */
export function ratio(what: string, time: number, against: string, yardstick: number, wanted: string): void {
  const times = (time / yardstick).toFixed(2)
  say(
    `  ${what}: ${time.toFixed(2)} s; ${against}: ${yardstick.toFixed(2)} s; ratio ${times} (wanted ${wanted})`,
  )
}

export function figure(what: string, value: string, wanted = ''): void {
  say(`  ${what}: ${value}${wanted === '' ? '' : ` (wanted ${wanted})`}`)
}

export function machine(): string {
  const [first] = cpus()
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  return `${cpus().length} × ${first?.model.trim() ?? 'cpu'}, ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`
}

export function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}
