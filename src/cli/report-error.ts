import { StanceError } from '../core/errors.ts'
import { toFileProblem } from '../core/file-problem.ts'
import { createRedactor } from '../core/log-redaction.ts'
import { printNext } from './print-next.ts'
import type { Screen } from './screen/screen.ts'

const howToConnect =
  'How to connect: docs/guide/connecting-aws.md. To look around without an account: `stance demo`.'

/** An error as a person or a program wants to hear it; what we did not foresee says how to tell us. */
export function reportError(thrown: unknown, err: Screen, json: boolean, secrets: readonly string[]): void {
  const error = toFileProblem(thrown) ?? thrown
  const redactor = createRedactor(secrets)
  const { code, message, next } = error instanceof StanceError ? error : unexpected(error)
  const more = /^COLLECT_(CREDENTIALS|ASSUME_ROLE|UNREACHABLE)/.test(code) ? ` ${howToConnect}` : ''
  const shown = {
    code,
    message: redactor.text(err.carry(message)),
    next: redactor.text(err.carry(next)) + more,
  }
  if (json) {
    err.jsonLine({ error: shown })
    return
  }
  const { palette } = err
  const [first = '', ...lines] = shown.message.split('\n')
  err.prose(`Error: ${first}`)
  for (const line of lines) err.prose(line, 2)
  for (const line of excerptOf(error)) err.line(palette.cyan(`  ${line}`))
  err.line()
  printNext(err, shown.next)
  err.line(palette.dim(`(${code}; docs/reference/errors.md)`))
  if (error instanceof StanceError) return
  err.line()
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  for (const line of redactor.text(stack).split('\n')) err.line(palette.dim(line))
}

/** Of SQL and conditions: the line at fault, with a mark under the character. */
function excerptOf(error: unknown): string[] {
  const excerpt = error instanceof StanceError ? error.details.excerpt : undefined
  return typeof excerpt === 'string' && excerpt.trim() !== '' ? ['', ...excerpt.split('\n')] : []
}

function unexpected(error: unknown): { code: string; message: string; next: string } {
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'UNEXPECTED',
    message: `Something happened that Stance did not foresee: ${message}`,
    next: 'Please report it, with what stands below, the command and `stance --version`: that is a bug. Nothing half written stays in the database.',
  }
}
