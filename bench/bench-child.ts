import { benches, type Part } from './benches.ts'
import { useScratch } from './engines.ts'
import { tellTo } from './measure.ts'

/** Runs one bench on one engine for bench/main.ts and tells it each figure as it is known. */
const { name, engine, scale, scratch } = JSON.parse(process.argv[2] ?? '') as Part & { scratch: string }
useScratch(scratch)
tellTo((outcome) => process.send?.(outcome))
const bench = await benches[name]()
await bench(engine, scale)
process.disconnect?.()
