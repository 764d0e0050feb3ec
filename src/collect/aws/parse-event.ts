import type { AuditEvent } from '../kernel/resolve-event.ts'

/**
 * A CloudTrail record (or the `detail` of its EventBridge event) → what the kernel resolves. Undefined for what
 * is no record: the entry comes from outside.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function parseEvent(entry: unknown): AuditEvent | undefined {
  const outer = toObject(entry)
  const record = toObject(outer?.detail) ?? outer
  if (record === undefined) return undefined
  const { eventName, eventSource, awsRegion, eventTime, recipientAccountId, userIdentity } = record
  const account = text(recipientAccountId) ?? text(toObject(userIdentity)?.accountId)
  const source = text(eventSource)
  const name = text(eventName)
  const region = text(awsRegion)
  const happened_at = new Date(text(eventTime) ?? Number.NaN)
  if (account === undefined || source === undefined || name === undefined || region === undefined)
    return undefined
  if (Number.isNaN(happened_at.getTime())) return undefined
  return {
    provider: 'aws',
    service: source.split('.')[0] ?? source,
    // Some services add the version of their API: CreateFunction20150331, UpdateDistribution2020_05_31.
    name: name.replace(/(?<=[a-z])(?:\d{8}|\d{4}_\d{2}_\d{2})(?:v\d)?$/, ''),
    account_id: account,
    region,
    happened_at,
    changes_nothing: record.errorCode !== undefined || record.readOnly === true || record.readOnly === 'true',
    body: record,
  }
}

function toObject(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 2048 ? value : undefined
}
