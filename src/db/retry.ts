import { setTimeout as sleep } from 'node:timers/promises'

const attempts = 8

/**
 * Runs `work` again where the engine ended it only because two transactions met (deadlock, serialisation):
 * 10 ms doubling to 1.3 s, each between half and all of it so that two losers do not meet again.
 */
export async function retryConflicts<T>(
  work: () => Promise<T>,
  isConflict: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error
      const ceiling = 10 * 2 ** (attempt - 1)
      await sleep(ceiling / 2 + (Math.random() * ceiling) / 2)
    }
  }
}
