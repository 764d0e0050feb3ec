/** What is handed to every part that has something to log. Where it goes is decided in `config`. */
export interface Logger {
  trace(fields: object, message?: string): void
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
  /** A logger that says these fields with every line. */
  child(fields: Record<string, unknown>): Logger
}

const nothing = () => {}

export const silentLogger: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
}
