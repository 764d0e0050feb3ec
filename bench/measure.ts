import { arch, cpus, loadavg, platform, totalmem } from 'node:os'

/** A figure that something was wanted of. */
export interface Outcome {
  what: string
  value: string
  wanted: string
  met: boolean
}

let place = ''
let tell: (outcome: Outcome) => void = () => undefined

/** Begins a part: the figures that follow are about it. */
export function about(title: string): void {
  place = title
  say(`\n${title}`)
}

/** Who hears of each figure of which something was wanted. */
export function tellTo(listener: (outcome: Outcome) => void): void {
  tell = listener
}

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

/** One line a figure: what, the time, its yardstick, the ratio, what is wanted and whether it is met. */
export function ratio(what: string, time: number, against: string, yardstick: number, most: number): void {
  const times = time / yardstick
  const wanted = `≤ ${most}`
  note(what, `ratio ${times.toFixed(2)}`, wanted, times <= most)
  const both = `${time.toFixed(2)} s; ${against}: ${yardstick.toFixed(2)} s`
  say(`  ${what}: ${both}; ratio ${times.toFixed(2)} (wanted ${wanted}): ${word(times <= most)}`)
}

/** A figure with a limit of its own. */
export function atMost(what: string, value: number, unit: string, most: number, why = ''): void {
  const digits = unit === 'ms' || unit === 'MB' ? 0 : 2
  const print = (number: number) =>
    `${number.toLocaleString('en', { maximumFractionDigits: digits })}${unit === '' ? '' : ` ${unit}`}`
  const wanted = `≤ ${print(most)}${why === '' ? '' : `: ${why}`}`
  note(what, print(value), wanted, value <= most)
  say(`  ${what}: ${print(value)} (wanted ${wanted}): ${word(value <= most)}`)
}

export function figure(what: string, value: string): void {
  say(`  ${what}: ${value}`)
}

function note(what: string, value: string, wanted: string, met: boolean): void {
  tell({ what: `${place}: ${what}`, value, wanted, met })
}

function word(met: boolean): string {
  return met ? 'met' : 'NOT MET'
}

export function machine(): string {
  const [first] = cpus()
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  return `${cpus().length} × ${first?.model.trim() ?? 'cpu'}, ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}; ${load()}`
}

/** What else the machine does: figures of a busy one say little. */
export function load(): string {
  return `load ${loadavg()
    .map((one) => one.toFixed(1))
    .join(' ')}`
}

export function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}
