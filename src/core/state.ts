/** What became of one read: of a group of one resource, or of a whole cell. Architecture §3. */
export const states = ['ok', 'absent', 'unsupported', 'denied', 'error', 'excluded', 'not_collected'] as const
export type State = (typeof states)[number]

/** Read means: the provider answered, and NULL can not come of it. */
export function isRead(state: State): boolean {
  return state === 'ok' || state === 'absent' || state === 'unsupported'
}

/** From best to worst; a group or cell made of several reads is as good as the worst of them. */
const badness: Record<State, number> = {
  ok: 0,
  unsupported: 1,
  absent: 2,
  excluded: 3,
  not_collected: 4,
  error: 5,
  denied: 6,
}

export function worstState(all: readonly State[]): State {
  return all.reduce<State>((worst, state) => (badness[state] > badness[worst] ? state : worst), 'ok')
}
