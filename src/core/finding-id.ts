import { createHash } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * A finding's id (architecture §9): the first 20 base32 characters (RFC 4648, lower case) of SHA-256 over
 * rule id, account id, resource key and incarnation, joined by NUL. The rule id is the oldest one that the
 * rule ever had, so that renaming a rule keeps its findings.
 */
export function findingId(ruleId: string, accountId: string, resourceKey: string, incarnation = ''): string {
  const hex = createHash('sha256')
    .update([ruleId, accountId, resourceKey, incarnation].join('\0'))
    .digest('hex')
  let id = ''
  for (let at = 0; at < 25; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16)
    for (const shift of [15, 10, 5, 0]) id += alphabet[(bits >> shift) & 31]
  }
  return id
}
