import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Stance } from '../../src/run/open-stance.ts'
import { eachEngine, longest } from '../setup/test-database.ts'
import { accounts } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf, recordsOf, unknownsOf, unsoundChanges } from './posture.ts'

/** Who one is needs no permission; the first fault that fits counts. */
const everything = 'sts=slow(0ms) *=denied'

describe('everything is denied', { timeout: longest }, () => {
  let estate: Estate
  beforeAll(async () => {
    estate = await openEstate()
  })
  afterAll(() => estate.stop())

  eachEngine('to a store', (database) => {
    let stance: Stance
    let read: Posture

    it('in its first scan: that gives unknown and nothing else, and what can be read later is judged', async () => {
      stance = await estate.open(database().db)
      const record = await estate.scan(stance, { faults: everything })
      expect(record.state).toBe('done')
      const denied = await postureOf(stance.db)
      expect(denied.size).toBeGreaterThan(40)
      // That the account itself can be entered is known.
      const definite = [...denied.values()].filter(({ verdict }) => verdict !== 'unknown')
      expect(new Set(definite.map(({ rule_id }) => rule_id))).toEqual(new Set(['aws-account-is-readable']))
      expect(namelessOf(denied)).toEqual([])
      expect(await lakeProblems(stance)).toEqual([])

      await estate.scan(stance)
      read = await postureOf(stance.db)
      expect(unknownsOf(read)).toEqual([])
      expect(new Set([...read.values()].map(({ account_id }) => account_id))).toEqual(new Set(accounts))
    })

    it('that has been read: no verdict turns, no finding is lost, and with the permissions all is as it was', async () => {
      const records = await recordsOf(stance.db)
      await estate.scan(stance, { faults: everything })
      const denied = await postureOf(stance.db)
      expect(unsoundChanges(read, denied)).toEqual([])
      const kept = [...read.keys()].filter((name) => denied.get(name)?.verdict !== 'unknown')
      expect(kept.filter((name) => !name.includes('aws-account-is-readable'))).toEqual([])
      expect(namelessOf(denied)).toEqual([])
      expect(await recordsOf(stance.db)).toEqual(records)
      expect(await lakeProblems(stance)).toEqual([])

      await estate.scan(stance)
      expect(differences(read, await postureOf(stance.db))).toEqual([])
      expect(await recordsOf(stance.db)).toEqual(records)
      expect(await lakeProblems(stance)).toEqual([])
    })
  })
})

/** Unknown findings that name no action that is denied. */
function namelessOf(posture: Posture): string[] {
  return [...posture].flatMap(([name, { verdict, evidence }]) => {
    const isNamed = evidence?.unread?.some(({ action }) => action !== undefined && action !== '')
    return verdict === 'unknown' && isNamed !== true ? [`${name}: ${JSON.stringify(evidence)}`] : []
  })
}
