import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngines } from '../setup/test-database.ts'
import { type Days, type Killed, undisturbed, Victim } from './kill-again-and-again.ts'
import { type Moment, randomFrom } from './kill-scan.ts'

const kills = 50
/** A store of its own for so many: the first scan of each is one into an empty store. */
const together = 5
const seed = 20_261_121

describe.each(testEngines())('fifty scans that are killed on %s', (engine) => {
  let days: Days
  let victim: Victim | undefined
  const told: Killed[] = []
  beforeAll(async () => {
    days = await undisturbed(engine)
  })
  afterAll(async () => {
    await victim?.drop()
    await days?.stop()
    const by = (how: Moment['by']) => told.filter(({ moment }) => moment.by === how).length
    const cells = told.map(({ ended }) => ended).sort((a, b) => a - b)
    console.log(
      `${engine}: ${told.length} scans killed (${by('statement')} after a drawn statement, ${by('time')} after a drawn time), ` +
        `seed ${seed}; ${writing().length} in the midst of writing: ${labels()}; ` +
        `between ${cells[0]} and ${cells.at(-1)} cells had ended, ${cells[cells.length >> 1]} in the middle`,
    )
  })

  const writing = () => told.filter(({ open }) => open.length > 0)

  /** How often a transaction of each kind was open. */
  function labels(): string {
    const kinds = writing().flatMap(({ open }) => [
      ...new Set(open.map((label) => label.replace(/^(cell|judge) .*/, '$1').replace(/\d+/g, 'n'))),
    ])
    return [...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => `${kind} ${all.length}`).join(', ')
  }

  const random = randomFrom(seed)
  const moments = Array.from({ length: kills }, (_, nr) => {
    return {
      nr: nr + 1,
      moment: { by: nr % 2 === 0 ? 'statement' : 'time', share: random() } satisfies Moment,
    }
  })
  it.each(moments)('$nr: at $moment.share by $moment.by', async ({ nr, moment }) => {
    if ((nr - 1) % together === 0) {
      if (victim !== undefined) expect(await victim.problems()).toEqual([])
      await victim?.drop()
      victim = await Victim.open(engine, days)
    }
    told.push(await victim!.kill(moment))
  })

  it('hit them in the midst of writing, a third at least', () => {
    expect(writing().length).toBeGreaterThan(kills / 3)
  })
})
