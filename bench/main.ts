import { documents } from './documents.bench.ts'
import { asOf, changing } from './findings.bench.ts'
import { judging } from './judging.bench.ts'
import { machine, say } from './measure.ts'
import { scanning } from './scan.bench.ts'

const million = 1_000_000
const benches: Record<string, (engines: readonly ('duckdb' | 'postgres')[], scale: number) => Promise<void>> =
  {
    judging: (engines, scale) => judging(Math.round(million * scale), engines),
    changing: (engines, scale) => changing(scale, engines),
    'as-of': (engines, scale) => asOf(scale, engines),
    scan: (engines) => scanning(engines),
    documents: (engines, scale) => documents(Math.round(million * scale), engines),
  }

/** `npm run bench -- [name …] [--engine duckdb|postgres] [--scale 0.1]` */
const args = process.argv.slice(2)
const optionOf = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
const engine = optionOf('--engine')
const engines =
  engine === 'duckdb' || engine === 'postgres' ? [engine as 'duckdb'] : (['duckdb', 'postgres'] as const)
const scale = Number(optionOf('--scale') ?? 1)
const named = args.filter((arg, at) => !arg.startsWith('--') && !args[at - 1]?.startsWith('--'))
const unknown = named.find((name) => benches[name] === undefined)
if (unknown !== undefined) {
  say(`There is no bench ${unknown}. There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
say(machine())
for (const [name, bench] of Object.entries(benches))
  if (named.length === 0 || named.includes(name)) await bench(engines, scale)
