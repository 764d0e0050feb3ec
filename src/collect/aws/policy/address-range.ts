import { limits } from './limits.ts'

/** A run of addresses, both ends included; IPv4 and IPv6 apart. */
export interface AddressRange {
  readonly version: 4 | 6
  readonly from: bigint
  readonly to: bigint
}

/**
 * Broader than these, a range keeps nobody out. The figures are S3's: "values broader than /8 for IPv4 and /32 for
 * IPv6" (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html). Here they
 * hold for all ranges of a statement together, so that two halves of the internet are as broad as the whole.
 */
const broadest = { 4: 1n << 24n, 6: 1n << 96n } as const

/** Addresses from which no request reaches AWS over the internet: private, shared, loopback, multicast, reserved. */
const unroutable = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
].map((text) => parseAddressRange(text)!)

/** `203.0.113.0/24`, `2001:db8::/32`, or one address. Undefined for everything else. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...more] = text.trim().split('/')
  if (more.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  const version = address.includes(':') ? 6 : 4
  const value = version === 6 ? parseVersion6(address) : parseVersion4(address)
  const width = version === 6 ? 128 : 32
  const bits = prefix === undefined ? width : Number(prefix)
  if (value === undefined || bits > width) return undefined
  const rest = BigInt(width - bits)
  const from = (value >> rest) << rest
  return { version, from, to: from + (1n << rest) - 1n }
}

function parseVersion4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255))
    return undefined
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function parseVersion6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [left, right] = halves.map((half) => (half === '' ? [] : half.split(':')))
  if (left === undefined) return undefined
  const missing = 8 - left.length - (right?.length ?? 0)
  if (right === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...(right === undefined ? [] : [...Array<string>(missing).fill('0'), ...right])]
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((value, group) => value * 65536n + BigInt(Number.parseInt(group, 16)), 0n)
}

export function isWithin(inner: AddressRange, outer: AddressRange): boolean {
  return inner.version === outer.version && inner.from >= outer.from && inner.to <= outer.to
}

/**
 * Cuts the whole internet along the ends of the given ranges. A cell lies inside or outside of each of them, never
 * across, so that each cell can be tried like one address. Undefined when there are too many ranges.
 */
export function cutIntoCells(ranges: readonly AddressRange[]): AddressRange[] | undefined {
  if (ranges.length > limits.addressRanges) return undefined
  const cells: AddressRange[] = []
  for (const version of [4, 6] as const) {
    const last = (1n << (version === 4 ? 32n : 128n)) - 1n
    const cuts = new Set<bigint>([0n])
    for (const range of [...ranges, ...unroutable]) {
      if (range.version !== version) continue
      cuts.add(range.from)
      if (range.to < last) cuts.add(range.to + 1n)
    }
    const sorted = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    sorted.forEach((from, at) => {
      const cell = { version, from, to: (sorted[at + 1] ?? last + 1n) - 1n }
      if (!unroutable.some((range) => isWithin(cell, range))) cells.push(cell)
    })
  }
  return cells
}

/** Are these addresses so many that a stranger has one of them? */
export function areBroad(cells: readonly AddressRange[]): boolean {
  const total = { 4: 0n, 6: 0n }
  for (const cell of cells) total[cell.version] += cell.to - cell.from + 1n
  return total[4] > broadest[4] || total[6] > broadest[6]
}
