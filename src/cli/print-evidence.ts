import type { Json } from '../core/json.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { showValue } from './screen/show-value.ts'

/** Evidence as it was stored: values by name, lists of rows as lists, whatever else comes. */
export function printEvidence(out: Screen, evidence: Json, indent = 2): void {
  const { palette } = out
  const room = ' '.repeat(indent)
  if (Array.isArray(evidence)) {
    for (const item of evidence) {
      if (isPlain(item)) out.line(ink`${room}- ${showValue(item)}`)
      else out.prose(`- ${rowText(item)}`, indent)
    }
    return
  }
  if (evidence === null || typeof evidence !== 'object') {
    out.line(ink`${room}${showValue(evidence)}`)
    return
  }
  for (const [name, value] of Object.entries(evidence)) {
    if (isPlain(value)) out.line(ink`${room}${palette.dim(name)}  ${showValue(value)}`)
    else if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) {
      out.line(ink`${room}${palette.dim(name)}`)
      printEvidence(out, value, indent + 2)
    }
  }
}

function isPlain(value: Json): boolean {
  return value === null || typeof value !== 'object'
}

/** A row in one paragraph: `name value, name value`. */
function rowText(row: Json): string {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return showValue(row)
  return Object.entries(row)
    .map(([name, value]) => `${name}: ${showValue(value)}`)
    .join(', ')
}
