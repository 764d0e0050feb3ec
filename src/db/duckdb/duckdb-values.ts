import {
  type DuckDBDataChunk,
  DuckDBDecimalValue,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  DuckDBTimestampTZValue,
  DuckDBTypeId,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api'
import type { Param, Row, Value } from '../database.ts'
import { checkDate, neverExpires, neverUsed, toSafeNumber, toStoredText } from '../store-value.ts'

export function bindParams(statement: DuckDBPreparedStatement, params: readonly Param[]): void {
  params.forEach((param, at) => {
    bindParam(statement, at + 1, param)
  })
}

function bindParam(statement: DuckDBPreparedStatement, index: number, param: Param): void {
  if (param === null) statement.bindNull(index)
  else if (typeof param === 'string') statement.bindVarchar(index, toStoredText(param))
  else if (typeof param === 'boolean') statement.bindBoolean(index, param)
  else if (typeof param === 'bigint') statement.bindBigInt(index, param)
  else if (param instanceof Date) statement.bindTimestampTZ(index, toTimestamp(param))
  else if (typeof param === 'number') {
    if (Number.isSafeInteger(param)) statement.bindBigInt(index, BigInt(param))
    else statement.bindDouble(index, param)
  } else statement.bindList(index, listValue(param.map(toStoredText)), LIST(VARCHAR))
}

export function toTimestamp(date: Date): DuckDBTimestampTZValue {
  return new DuckDBTimestampTZValue(BigInt(checkDate(date).getTime()) * 1000n)
}

type Convert = (value: DuckDBValue) => Value

const asIs: Convert = (value) => value as Value
const asText: Convert = (value) => String(value)
const asJson: Convert = (value) => JSON.stringify(toPlain(value))

const converters: { [id in DuckDBTypeId]?: Convert } = {
  [DuckDBTypeId.BOOLEAN]: asIs,
  [DuckDBTypeId.VARCHAR]: asIs,
  [DuckDBTypeId.TINYINT]: asIs,
  [DuckDBTypeId.SMALLINT]: asIs,
  [DuckDBTypeId.INTEGER]: asIs,
  [DuckDBTypeId.UTINYINT]: asIs,
  [DuckDBTypeId.USMALLINT]: asIs,
  [DuckDBTypeId.UINTEGER]: asIs,
  [DuckDBTypeId.FLOAT]: asIs,
  [DuckDBTypeId.DOUBLE]: asIs,
  [DuckDBTypeId.BIGINT]: (value) => toSafeNumber(value as bigint),
  [DuckDBTypeId.UBIGINT]: (value) => toSafeNumber(value as bigint),
  [DuckDBTypeId.HUGEINT]: (value) => toSafeNumber(value as bigint),
  [DuckDBTypeId.UHUGEINT]: (value) => toSafeNumber(value as bigint),
  [DuckDBTypeId.DECIMAL]: toDecimal,
  [DuckDBTypeId.TIMESTAMP_TZ]: toDate,
  [DuckDBTypeId.TIMESTAMP]: toDate,
  [DuckDBTypeId.LIST]: asJson,
  [DuckDBTypeId.ARRAY]: asJson,
  [DuckDBTypeId.STRUCT]: asJson,
  [DuckDBTypeId.MAP]: asJson,
}

function toDecimal(value: DuckDBValue): number {
  const decimal = value as DuckDBDecimalValue
  return decimal.scale === 0 ? toSafeNumber(decimal.value) : decimal.toDouble()
}

const infinity = 2n ** 63n - 1n

function toDate(value: DuckDBValue): Date {
  const { micros } = value as DuckDBTimestampTZValue
  if (micros === infinity) return neverExpires
  if (micros === -infinity) return neverUsed
  // Towards the past, as PostgreSQL's text cut after the milliseconds would be.
  const rest = ((micros % 1000n) + 1000n) % 1000n
  return new Date(Number((micros - rest) / 1000n))
}

function toPlain(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object')
    return typeof value === 'bigint' ? toSafeNumber(value) : value
  if (value instanceof DuckDBTimestampTZValue) return toDate(value).toISOString()
  if (value instanceof DuckDBDecimalValue) return toDecimal(value)
  if ('items' in value) return (value.items as DuckDBValue[]).map(toPlain)
  if ('entries' in value) {
    const entries = value.entries
    if (Array.isArray(entries)) return entries.map((entry) => [toPlain(entry.key), toPlain(entry.value)])
    return Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, toPlain(inner)]))
  }
  return String(value)
}

/** Prepared once for a result, then used for each of its chunks. */
export function chunkReader(result: DuckDBResult): (chunk: DuckDBDataChunk) => Row[] {
  const names = result.columnNames()
  const convert = names.map((_, at) => converters[result.columnTypeId(at)] ?? asText)
  return (chunk) => {
    const rows: Row[] = Array.from({ length: chunk.rowCount }, () => ({}))
    names.forEach((name, at) => {
      const values = chunk.getColumnValues(at)
      const toValue = convert[at]!
      for (let row = 0; row < rows.length; row++) {
        const value = values[row]!
        rows[row]![name] = value === null || value === undefined ? null : toValue(value)
      }
    })
    return rows
  }
}
