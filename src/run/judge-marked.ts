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
  seen?: Set<string>,
): Promise<void> {
  const { findings_changed } = await judgePending(db, judge, account_id, isReady, seen)
  if (findings_changed > 0) onJudged({ account_id, findings_changed })
}

/**
 * Judges all that waits, also what reached into other accounts meanwhile: then nothing stands that was not judged, but what
 * another scan is about to read.
 */
export async function judgeMarked(stance: Stance, onJudged?: OnJudged): Promise<void> {
  const seen = new Set<string>()
  for (let left = await marked(); left.length > 0; left = await marked())
    for (const account_id of left) await judgeAccount(stance, account_id, onJudged, undefined, seen)

  function marked(): Promise<string[]> {
    return accountsWithMarks(stance, seen)
  }
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
  const seen = new Set<string>()
  for (const account_id of accounts) await judgeAccount(stance, account_id, undefined, undefined, seen)
  for (let left = await marked(); left.length > 0; left = await marked())
    for (const account_id of left) {
      judged.add(account_id)
      await judgeAccount(stance, account_id, undefined, (table) => tables.includes(table), seen)
    }
  return [...judged]

  async function marked(): Promise<string[]> {
    return tables.length === 0 ? [] : accountsWithMarks(stance, seen, tables)
  }
}

/** Accounts in which something waits to be judged that was not seen yet, of some tables or of all. */
export async function accountsWithMarks(
  { db }: Pick<Stance, 'db'>,
  seen: ReadonlySet<string> = new Set(),
  tables?: readonly string[],
): Promise<string[]> {
  const rows = await db.query<{ account_id: string; pending_id: string }>(
    `select p.account_id, p.pending_id from stance.pending_judgement p
     ${tables === undefined ? '' : 'where p.table_name = any($1::text[])'} order by p.account_id nulls last`,
    tables === undefined ? [] : [tables],
  )
  return [...new Set(rows.flatMap((row) => (seen.has(row.pending_id) ? [] : [row.account_id])))]
}
