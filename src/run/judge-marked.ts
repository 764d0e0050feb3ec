import { judgePending } from '../evaluate/judge-pending.ts'
import type { Stance } from './open-stance.ts'

/** Told of an account of which findings changed. */
export type OnJudged = (judged: { account_id: string; findings_changed: number }) => void

/** Judges what waits in one account. `isReady` leaves tables for later. */
export async function judgeAccount(
  { db, judge }: Stance,
  account_id: string,
  onJudged: OnJudged = () => {},
  isReady?: (table: string) => boolean,
): Promise<void> {
  const { findings_changed } = await judgePending(db, judge, account_id, isReady)
  if (findings_changed > 0) onJudged({ account_id, findings_changed })
}

/** Judges all that waits, also what reached into other accounts meanwhile: then nothing stands that was not judged. */
export async function judgeMarked(stance: Stance, onJudged?: OnJudged): Promise<void> {
  for (let left = await accountsWithMarks(stance); left.length > 0; left = await accountsWithMarks(stance))
    for (const account_id of left) await judgeAccount(stance, account_id, onJudged)
}

export async function accountsWithMarks({ db }: Pick<Stance, 'db'>): Promise<string[]> {
  const rows = await db.query<{ account_id: string }>(
    'select p.account_id from stance.pending_judgement p group by p.account_id order by p.account_id nulls last',
  )
  return rows.map(({ account_id }) => account_id)
}
