/** What became of one read: of a group of one resource, or of a whole cell. Architecture §3. */
const states = ['ok', 'absent', 'unsupported', 'denied', 'error', 'excluded', 'not_collected'] as const
export type State = (typeof states)[number]

/** Read means: the provider answered, and NULL can not come of it. */
export function isRead(state: State): boolean {
  return state === 'ok' || state === 'absent' || state === 'unsupported'
}
