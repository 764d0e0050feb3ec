import { expect, it } from 'vitest'
import { eachEngine, longest, oneEngine } from '../setup/test-database.ts'
import { regions } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { briskly, openEstate } from './open-estate.ts'

eachEngine(
  'a region that never answers in a first scan',
  (database) => {
    it('costs seconds, and the others are read', { timeout: longest }, async () => {
      const estate = await openEstate({ collect: { cell_time_budget: 3_000 } })
      try {
        const stance = await estate.open(database().db)
        const began = performance.now()
        const record = await estate.scan(stance, {
          // What has no region is not asked about.
          narrowing: { regions },
          faults: '*@us-east-1=silent',
          pace: { ...briskly, times: { call_ms: 1_000, first_ms: 800 } },
        })
        expect(performance.now() - began).toBeLessThan(60_000)
        expect(record.state).toBe('done')
        const states = await stance.db.query(
          `select part, state, count(*) as n from stance.cell
           where part in ('eu-west-1', 'us-east-1') group by part, state order by part nulls last, state nulls last`,
        )
        const n = expect.any(Number)
        // The planner itself lists the region; what it says of itself is unread.
        expect(states).toEqual([
          { part: 'eu-west-1', state: 'ok', n },
          { part: 'us-east-1', state: 'error', n },
          { part: 'us-east-1', state: 'ok', n: 2 },
        ])
        expect(await lakeProblems(stance)).toEqual([])
      } finally {
        await estate.stop()
      }
    })
  },
  { engines: oneEngine() },
)
