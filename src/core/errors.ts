/**
 * Every error that a person can meet: a stable code, what happened, and what to do next.
 * `message` says what happened; `next` is the next step, in the imperative.
 */
export class StanceError extends Error {
  readonly code: string
  readonly next: string
  readonly details: Record<string, unknown>

  constructor(
    code: string,
    message: string,
    options: { next: string; cause?: unknown; details?: Record<string, unknown> },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'StanceError'
    this.code = code
    this.next = options.next
    this.details = options.details ?? {}
  }

  /** The one shape on the wire. */
  toJSON(): { code: string; message: string; next: string; details: Record<string, unknown> } {
    return { code: this.code, message: this.message, next: this.next, details: this.details }
  }
}
