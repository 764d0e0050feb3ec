import { StanceError } from '../../core/errors.ts'

export interface SourcePosition {
  /** From 0, in UTF-16 units of the text as the author wrote it. */
  offset: number
  /** From 1. */
  line: number
  /** From 1, in UTF-16 units. */
  column: number
}

function positionOf(text: string, offset: number): SourcePosition {
  const at = Math.max(0, Math.min(offset, text.length))
  const before = text.slice(0, at)
  const lineStart = before.lastIndexOf('\n') + 1
  return { offset: at, line: before.split('\n').length, column: at - lineStart + 1 }
}

/** The line at fault with a caret under the character, for people. */
function excerptAt(text: string, position: SourcePosition): string {
  const line = (text.split('\n')[position.line - 1] ?? '').replace(/\p{Cc}/gu, ' ')
  const from = Math.max(0, position.column - 1 - 60)
  const shown = line.slice(from, from + 110)
  return `${shown}\n${' '.repeat(position.column - 1 - from)}^`
}

export interface SqlProblem {
  code: string
  /** What is wrong. */
  message: string
  /** What to write instead. */
  next: string
  /** Offset in the text; the start where it is not known. */
  at?: number | undefined
}

/** An error that points at the character: details are offset, line, column and excerpt. */
export function sqlError(text: string, problem: SqlProblem): StanceError {
  const position = positionOf(text, problem.at ?? 0)
  return new StanceError(
    problem.code,
    `${problem.message} (line ${String(position.line)}, column ${String(position.column)})`,
    { next: problem.next, details: { ...position, excerpt: excerptAt(text, position) } },
  )
}
