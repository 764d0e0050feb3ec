import { setFlagsFromString } from 'node:v8'
import { hasSqlDetails, loadModule, parseSync } from 'libpg-query'
import type { Expr, Query } from './ast.ts'
import { type PgFields, PgSource, toNode } from './pg-tree.ts'
import { QueryReader } from './read-query.ts'
import { scanParams } from './scan-params.ts'
import { sqlError } from './sql-error.ts'

// V8 would compile the parser's one function of many thousand states anew as soon as it is hot: that takes 550 MB
// for a second, and saves nothing where a rule is parsed in a tenth of a millisecond.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag)
await loadModule()

export interface ParsedSql<T> {
  /** What stands in the text; `param` nodes number the names below from 1. */
  tree: T
  /** The names of `:name`, in order of first appearance. */
  params: string[]
}

/** Long enough for every honest query, short enough that the parser's stack and time are bounded. */
const maxLength = 50_000
const maxDepth = 120

/** Parses exactly one SELECT. Throws a StanceError that points at the character. */
export function parseQuery(source: string): ParsedSql<Query> {
  return parse(source, '')
}

/** Parses exactly one expression. */
export function parseExpression(source: string): ParsedSql<Expr> {
  const { tree, params } = parse(source, 'select ')
  const [target, ...more] = tree.kind === 'select' ? tree.targets : []
  const plain =
    tree.kind === 'select' &&
    target !== undefined &&
    more.length === 0 &&
    target.as === undefined &&
    Object.values({ ...tree, targets: [] }).every(
      (part) => part === 'select' || part === false || (Array.isArray(part) && part.length === 0),
    )
  if (!plain) {
    throw sqlError(source, {
      code: 'SQL_SYNTAX',
      message: 'This is not one expression.',
      next: 'Write one condition, such as: is_public and not is_encrypted.',
    })
  }
  return { tree: target.expr, params }
}

function parse(source: string, prefix: string): ParsedSql<Query> {
  checkSize(source)
  const scanned = scanParams(source)
  const text = prefix + scanned.text
  let statements: unknown
  try {
    statements = parseSync(text).stmts
  } catch (error) {
    throw syntaxError(source, error, (character) =>
      scanned.toSource(utf16Offset(text, character) - prefix.length),
    )
  }
  const toCharacters = byteOffsets(text)
  const pg = new PgSource(source, (byte) => scanned.toSource(toCharacters(byte) - prefix.length))
  const [statement, second] = Array.isArray(statements) ? (statements as PgFields[]) : []
  if (statement === undefined || toNode(statement.stmt) === undefined) {
    throw sqlError(source, { code: 'SQL_SYNTAX', message: 'There is no SQL here.', next: 'Write something.' })
  }
  if (second !== undefined) {
    throw sqlError(source, {
      code: 'SQL_SYNTAX',
      message: 'There are several statements.',
      next: 'Write one, without a semicolon inside.',
      at: source.indexOf(';'),
    })
  }
  return { tree: new QueryReader(pg).read(statement.stmt), params: scanned.names }
}

function checkSize(source: string): void {
  let depth = 0
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    depth += char === '(' ? 1 : char === ')' ? -1 : 0
    if (depth > maxDepth || at >= maxLength) {
      throw sqlError(source, {
        code: 'SQL_SYNTAX',
        message: depth > maxDepth ? 'The parentheses are nested too deep.' : 'The text is too long.',
        next: `At most ${String(maxDepth)} levels and ${String(maxLength)} characters.`,
        at,
      })
    }
  }
}

function syntaxError(source: string, error: unknown, toSource: (character: number) => number): Error {
  if (!hasSqlDetails(error) || error.sqlDetails === undefined) {
    return sqlError(source, {
      code: 'SQL_SYNTAX',
      message: 'The SQL could not be parsed.',
      next: 'Make it simpler.',
    })
  }
  const { message, cursorPosition } = error.sqlDetails
  return sqlError(source, {
    code: 'SQL_SYNTAX',
    message: `The SQL cannot be read: ${message}`,
    next: 'Look at the character shown, and just before it.',
    at: toSource(Math.max(0, cursorPosition)),
  })
}

/** libpg-query's error position counts code points. */
function utf16Offset(text: string, codePoints: number): number {
  return [...text].slice(0, codePoints).join('').length
}

/** libpg-query's locations count UTF-8 bytes. */
function byteOffsets(text: string): (byte: number) => number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of plain ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return (byte) => byte
  const bytes = Buffer.from(text, 'utf8')
  return (byte) => bytes.subarray(0, byte).toString('utf8').length
}
