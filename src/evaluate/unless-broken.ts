import { StanceError } from '../core/errors.ts'

/** Hears of what is broken, so that the rest can be used; without one the first is thrown. */
export type OnBroken = (error: StanceError) => void

export async function unlessBroken<T>(
  work: () => Promise<T>,
  onBroken: OnBroken | undefined,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (onBroken === undefined || !(error instanceof StanceError)) throw error
    onBroken(error)
    return undefined
  }
}
