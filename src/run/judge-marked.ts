import { judgePending } from '../evaluate/judge-pending.ts'
import { everyAccount } from '../evaluate/mark-pending.ts'
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

/**
 * Judges what waits in these accounts, and in every other what that reaches into; what waits there for a scan's own
 * reads goes on waiting. Says whom it judged.
 */
export async function judgeReached(stance: Stance, accounts: readonly string[]): Promise<string[]> {
  const reaching = await stance.db.query<{ table_name: string }>(
    `select p.table_name from stance.pending_judgement p
     where p.account_id = any($1::text[]) and p.region = $2::text group by p.table_name`,
    [accounts, everyAccount],
  )
  const tables = reaching.map(({ table_name }) => table_name)
  const judged = new Set(accounts)
  for (const account_id of accounts) await judgeAccount(stance, account_id)
  for (let left = await marked(); left.length > 0; left = await marked())
    for (const account_id of left) {
      judged.add(account_id)
      await judgeAccount(stance, account_id, undefined, (table) => tables.includes(table))
    }
  return [...judged]

  async function marked(): Promise<string[]> {
    if (tables.length === 0) return []
    const rows = await stance.db.query<{ account_id: string }>(
      `select p.account_id from stance.pending_judgement p where p.table_name = any($1::text[])
       group by p.account_id order by p.account_id nulls last`,
      [tables],
    )
    return rows.map(({ account_id }) => account_id)
  }
}

export async function accountsWithMarks({ db }: Pick<Stance, 'db'>): Promise<string[]> {
  const rows = await db.query<{ account_id: string }>(
    'select p.account_id from stance.pending_judgement p group by p.account_id order by p.account_id nulls last',
  )
  return rows.map(({ account_id }) => account_id)
}
