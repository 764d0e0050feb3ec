import { Writable } from 'node:stream'
import { type Logger as PinoLogger, pino } from 'pino'
import type { Logger } from '../core/log.ts'
import { createRedactor, type Redactor } from '../core/log-redaction.ts'
import type { Config } from './settings.ts'

export interface LoggerOptions {
  level: Config['log']['level']
  /** Lines for people instead of JSON. */
  pretty: boolean
  /** Values that must never be seen, wherever they turn up (`secretsOf(config)`). */
  secrets?: readonly string[]
  /** Standard error where left out. */
  destination?: { write(line: string): unknown }
}

/** Structured logs: one JSON object a line, times in UTC, secrets masked. */
export function createLogger({
  level,
  pretty,
  secrets,
  destination = process.stderr,
}: LoggerOptions): Logger {
  const lines = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // The redactor has already made plain objects of errors; pino would wrap them again.
      serializers: { err: (error: unknown) => error },
    },
    pretty ? prettyLines(destination) : destination,
  )
  return maskedLogger(lines, createRedactor(secrets))
}

/** pino's own redaction knows paths, not depths, and its formatters do not see what a child is given. */
function maskedLogger(lines: PinoLogger, redactor: Redactor): Logger {
  const say =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message?: string): void => {
      if (!lines.isLevelEnabled(level)) return
      const masked = redactor.value(fields instanceof Error ? { error: fields } : fields) as object
      lines[level](masked, message === undefined ? undefined : redactor.text(message))
    }
  return {
    trace: say('trace'),
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (fields) => maskedLogger(lines.child(redactor.value(fields) as Record<string, unknown>), redactor),
  }
}

function prettyLines(destination: { write(line: string): unknown }): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      destination.write(prettyLine(line))
      done()
    },
  })
}

/** `12:30:05 WARN  throttled service="s3"`: values stay JSON, so that control characters stay escaped. */
function prettyLine(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const said = Object.entries(fields).map(([name, value]) => `${name}=${printable(value)}`)
  const message = msg === undefined ? '' : printable(msg).slice(1, -1)
  return `${[String(time).slice(11, 19), String(level).toUpperCase().padEnd(5), message, ...said].join(' ')}\n`
}

/** JSON leaves DEL and the C1 controls as they are; a terminal obeys them. */
function printable(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
