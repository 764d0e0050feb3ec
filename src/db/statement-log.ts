type Listener = (sql: string) => void

const listeners = new Set<Listener>()

/** Called by the engines with every statement that comes through the door. Costs nothing while nobody listens. */
export function reportStatement(sql: string): void {
  for (const listener of listeners) listener(sql)
}

/** For tests, which lint what they run (`test/setup/lint-statements.ts`). Returns how to stop listening. */
export function listenToStatements(listener: Listener): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
