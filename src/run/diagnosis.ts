import { StanceError } from '../core/errors.ts'
import { toFileProblem } from '../core/file-problem.ts'

/** One thing that was looked at. `next` says what to do where it is not in order. */
export interface Diagnosis {
  about: string
  /** `unknown`: it could not be tried yet. */
  state: 'ok' | 'warning' | 'problem' | 'unknown'
  message: string
  next: string
  /** How many things of this kind it stands for, where that is not one. */
  things?: number
  /** The line at fault with a mark under the character, where there is one. */
  excerpt?: string
}

export type Found = Omit<Diagnosis, 'about'>

export function ok(message: string): Found {
  return { state: 'ok', message, next: '' }
}

export function toProblem(thrown: unknown): Found {
  const error = toFileProblem(thrown) ?? thrown
  if (!(error instanceof StanceError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { state: 'problem', message, next: 'Please report it, with `stance --version`: that is a bug.' }
  }
  const { message, next, details } = error
  const { excerpt } = details
  return { state: 'problem', message, next, ...(typeof excerpt === 'string' ? { excerpt } : {}) }
}

/** What goes wrong is one thing that was found; the rest is looked at all the same. */
export async function tried(about: string, work: () => Promise<Found>): Promise<Diagnosis> {
  try {
    return { about, ...(await work()) }
  } catch (error) {
    return { about, ...toProblem(error) }
  }
}
