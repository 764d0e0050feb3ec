import { sqlError } from './sql-error.ts'

export interface ScannedSql {
  /** The text with each `:name` replaced by `$1`, `$2`, … */
  text: string
  /** The name of `$n` is `names[n - 1]`. */
  names: string[]
  /** From an offset in `text` to the offset in the author's text. */
  toSource(offset: number): number
}

const word = /[A-Za-z0-9_\u0080-\uffff]/

/**
 * Finds `:name` outside strings, quoted names and comments. String forms whose end depends on settings or
 * prefixes (E'…', U&'…', $$…$$) are refused, so that this scanner and PostgreSQL's agree on where text ends.
 */
export function scanParams(source: string): ScannedSql {
  const names: string[] = []
  const shifts: { scanned: number; source: number }[] = []
  let text = ''
  let at = 0
  const fail = (message: string, next: string) => {
    throw sqlError(source, { code: 'SQL_SYNTAX', message, next, at })
  }
  const skipTo = (end: number) => {
    text += source.slice(at, end)
    at = end
  }
  while (at < source.length) {
    const char = source[at]!
    const two = source.slice(at, at + 2)
    if (char === '\0') fail('A NUL character cannot stand in SQL.', 'Remove it.')
    if (char === "'" || char === '"') {
      const before = source[at - 1]
      if (char === "'" && before !== undefined && (word.test(before) || before === '&')) {
        fail('Only plain strings can be written.', "Write 'text', with '' for a quote.")
      }
      const end = closingQuote(source, at, char)
      if (end < 0) fail('The quoted text does not end.', `Close it with ${char}.`)
      skipTo(end)
    } else if (two === '--') {
      const end = source.indexOf('\n', at)
      skipTo(end < 0 ? source.length : end)
    } else if (two === '/*') {
      const end = source.indexOf('*/', at + 2)
      if (end < 0 || source.slice(at + 2, end).includes('/*')) {
        fail('The comment does not end.', 'Close it with */ (comments do not nest here).')
      }
      skipTo(end + 2)
    } else if (two === '::') {
      skipTo(at + 2)
    } else if (char === '$') {
      fail('A $ cannot be written here.', 'Write a parameter as :name.')
    } else if (char === ':') {
      const name = /^:([a-z_][a-z0-9_]*)/.exec(source.slice(at))?.[1]
      if (name === undefined) fail('A parameter needs a name.', 'Write :name in lower case.')
      if (!names.includes(name!)) names.push(name!)
      text += `$${String(names.indexOf(name!) + 1)} `
      at += name!.length + 1
      shifts.push({ scanned: text.length, source: at })
    } else {
      skipTo(at + 1)
    }
  }
  return { text, names, toSource: (offset) => toSource(shifts, offset) }
}

function closingQuote(source: string, open: number, quote: string): number {
  for (let at = open + 1; at < source.length; at++) {
    if (source[at] !== quote) continue
    if (source[at + 1] !== quote) return at + 1
    at++
  }
  return -1
}

function toSource(shifts: readonly { scanned: number; source: number }[], offset: number): number {
  let moved = offset
  for (const shift of shifts) {
    // `$n ` may be longer than `:name`: an offset inside it is the parameter's own start.
    if (offset >= shift.scanned) moved = shift.source + (offset - shift.scanned)
  }
  return moved
}
