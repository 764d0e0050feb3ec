import type { EventPlace } from '../../../lake/define-table.ts'
import { partitionOfRegion } from '../partition.ts'

/** Callers name a trail by its ARN or, in its home region, by its name alone. */
export function trailOf(found: string, event: EventPlace): string | undefined {
  if (/^arn:[\w-]+:cloudtrail:[\w-]+:\d{12}:trail\//.test(found)) return found
  if (!/^[A-Za-z0-9][\w.-]{2,127}$/.test(found)) return undefined
  const { name } = partitionOfRegion(event.region)
  return `arn:${name}:cloudtrail:${event.region}:${event.account_id}:trail/${found}`
}
