import { stateWords } from './failure-words.ts'

/** What is said of cells that no scan has come to yet; all other reasons came later. */
const neverRead: ReadonlySet<string> = new Set(['', 'NOT_ASKED_FOR', 'NOT_READ_YET'])

/** Whether a cell that is `not_collected` was never read, and not only is unread now. */
export function isNeverRead({ state, code }: { state: string; code: string }): boolean {
  return state === 'not_collected' && neverRead.has(code)
}

/** The state of a cell or group, for people. */
export function sayState(one: { state: string; code: string }): string {
  if (one.state === 'not_collected' && !isNeverRead(one)) return 'not read now'
  return stateWords[one.state] ?? one.state
}
