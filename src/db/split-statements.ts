/** One SQL statement and the comment lines directly above it. */
export interface SplitStatement {
  sql: string
  comment: string
}

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|;/g

/**
 * Splits at semicolons outside texts, names and comments. For our own migrations: no dollar quotes, which
 * DuckDB and PostgreSQL do not read alike.
 */
export function splitStatements(text: string): SplitStatement[] {
  const pieces: string[] = []
  let start = 0
  for (const found of text.matchAll(token)) {
    if (found[0] !== ';') continue
    pieces.push(text.slice(start, found.index))
    start = found.index + 1
  }
  pieces.push(text.slice(start))
  return pieces.map(toSplit).filter((statement) => statement.sql !== '')
}

function toSplit(piece: string): SplitStatement {
  const lines = piece.split('\n')
  const first = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('--'))
  if (first < 0) return { sql: '', comment: '' }
  let top = first
  while (top > 0 && lines[top - 1]!.trim().startsWith('--')) top -= 1
  return {
    sql: lines.slice(first).join('\n').trim(),
    comment: lines
      .slice(top, first)
      .map((line) => line.trim())
      .join('\n'),
  }
}
