import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { longest, testEngines } from '../setup/test-database.ts'
import { careless } from './estate.ts'
import { type Days, type Killed, undisturbed, Victim } from './kill-again-and-again.ts'
import type { Moment } from './kill-scan.ts'

/** Spread over a scan, by statements so that it also happens in the midst of transactions. */
const moments: Moment[] = [
  { by: 'statement', share: 0.31 },
  { by: 'time', share: 0.22 },
  { by: 'statement', share: 0.58 },
  { by: 'time', share: 0.71 },
  { by: 'statement', share: 0.86 },
]

describe.each(testEngines())('scans that are killed on %s', (engine) => {
  let days: Days
  let victim: Victim
  const killed: Killed[] = []
  beforeAll(async () => {
    days = await undisturbed(engine, [careless])
    victim = await Victim.open(engine, days)
  }, longest)
  afterAll(async () => {
    await victim?.drop()
    await days?.stop()
  })

  it.each(moments)(
    'leave a whole store at $share by $by, and the next completes them',
    { timeout: longest },
    async (moment) => {
      killed.push(await victim.kill(moment))
    },
  )

  it('leave a whole store in the end', { timeout: longest }, async () => {
    expect(await victim.problems()).toEqual([])
  })

  it('were writing when they were killed, some at least', () => {
    expect(killed.length).toBe(moments.length)
    expect(killed.filter(({ open }) => open.length > 0).length).toBeGreaterThan(0)
  })
})
