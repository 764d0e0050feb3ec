import { expect } from 'vitest'
import type { Stance } from '../../src/run/open-stance.ts'
import type { Estate } from './open-estate.ts'
import type { ScannedOperation } from './operations.ts'
import { differences, type Posture, postureOf, recordsOf, unexplained, unsoundChanges } from './posture.ts'

/** A store that was scanned whole, and what it says. */
export interface Scanned {
  stance: Stance
  estate: Estate
  clean: Posture
}

/**
 * Reads what an operation serves again without the permission for it, and then with it. `whole`: all of the estate is
 * scanned instead. Returns what was judged without.
 */
export async function denyOperation(
  { stance, estate, clean }: Scanned,
  { name, tables, actions }: ScannedOperation,
  whole = false,
): Promise<Posture> {
  const { db } = stance
  const narrowing = whole ? {} : { tables }
  const records = await recordsOf(db)
  await estate.scan(stance, { narrowing, faults: `${name}=denied` })
  const denied = await postureOf(db)
  const unread = await db.query<{ state: string; action: string }>(
    'select distinct state, action from public.coverage',
  )
  expect(unread, 'what is unread').not.toEqual([])
  for (const { state, action } of unread) {
    expect(state).toBe('denied')
    expect(actions).toContain(action)
  }
  expect(unsoundChanges(clean, denied)).toEqual([])
  expect(unexplained(denied, actions)).toEqual([])
  expect(await recordsOf(db), 'nobody hears of it').toEqual(records)
  await estate.scan(stance, { narrowing })
  expect(differences(clean, await postureOf(db))).toEqual([])
  expect(await recordsOf(db)).toEqual(records)
  return denied
}
