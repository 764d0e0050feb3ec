import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { LoadTarget, Value } from '../database.ts'
import { quoteName } from '../identifier.ts'
import { checkRow, toStoredText } from '../store-value.ts'

const bytesPerWrite = 65_536

export async function loadByCopy(
  client: PoolClient,
  target: LoadTarget,
  rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
): Promise<number> {
  const columns = target.columns.map((column) => quoteName(column.name)).join(', ')
  const copy = client.query(copyFrom(`copy ${quoteName(target.table)} (${columns}) from stdin`))
  // What the source throws is what failed; the copy then only reports that it was broken off.
  const source: { failed?: { error: unknown } } = {}
  try {
    await pipeline(Readable.from(encode(target, rows, source), { objectMode: false }), copy)
  } catch (error) {
    throw source.failed ? source.failed.error : error
  }
  return copy.rowCount
}

async function* encode(
  target: LoadTarget,
  rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
  source: { failed?: { error: unknown } },
): AsyncGenerator<Buffer> {
  let text = ''
  try {
    if (Symbol.iterator in rows) {
      for (const row of rows) {
        text += toLine(target, row)
        if (text.length >= bytesPerWrite) {
          yield Buffer.from(text)
          text = ''
        }
      }
    } else {
      for await (const row of rows) {
        text += toLine(target, row)
        if (text.length >= bytesPerWrite) {
          yield Buffer.from(text)
          text = ''
        }
      }
    }
  } catch (error) {
    source.failed = { error }
    throw error
  }
  if (text !== '') yield Buffer.from(text)
}

function toLine(target: LoadTarget, row: readonly Value[]): string {
  checkRow(target, row)
  return `${row.map(toField).join('\t')}\n`
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function toField(value: Value): string {
  if (value === null) return '\\N'
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'number') return String(value)
  return toStoredText(value).replace(/[\\\n\r\t]/g, (character) => escapes[character]!)
}
