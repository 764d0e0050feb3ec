import { type AddressRange, isWithin, parseAddressRange } from '../policy/address-range.ts'

/** All addresses that the internet can come from. Of IPv6 that is the eighth in use (RFC 4291, global unicast). */
export const internet = {
  4: parseAddressRange('0.0.0.0/0') as AddressRange,
  6: parseAddressRange('2000::/3') as AddressRange,
} as const

/** Where a thing has no range of addresses: as narrow as can be, so that "broader than" is FALSE. */
export const noPrefix = 128

/**
 * The most that is still somebody: what the registries are given in one block (a /8 of IPv4, a /12 of IPv6). A stretch of the
 * internet that is longer belongs to nobody in particular.
 */
export const longest = { 4: 1n << 24n, 6: 1n << 116n } as const

/**
 * `0.0.0.0/0`, `::/0`, and whatever else is nobody in particular: two halves are as good as the whole. Private ranges of IPv6
 * are none of the internet, however broad; in IPv4 none of them is broader than a /8.
 */
export function isOpenToWorld(cidr: string | undefined): boolean {
  const range = cidr === undefined ? undefined : parseAddressRange(cidr)
  if (range === undefined) return false
  const world = internet[range.version]
  if (isWithin(world, range)) return true
  return isWithin(range, world) && range.to - range.from + 1n > longest[range.version]
}

/** What a column says that is made of it. */
export const broadRange =
  '0.0.0.0/0, ::/0, or any range broader than what a registry is given in one block: a /8 of IPv4, a /12 of IPv6 (of addresses in use on the internet)'

export function prefixLength(cidr: string | undefined): number {
  const length = Number(cidr?.split('/')[1] ?? Number.NaN)
  return Number.isInteger(length) ? length : noPrefix
}

/** What rules of security groups and entries of prefix lists say of their range. */
export function breadth(cidr: string | undefined): { prefix_length: number; is_open_to_world: boolean } {
  return { prefix_length: prefixLength(cidr), is_open_to_world: isOpenToWorld(cidr) }
}

/** Of an IPv6 address: not one of the private ones (fc00::/7), which lead nowhere. */
export function isInternetAddress(address: string): boolean {
  const range = parseAddressRange(address)
  return range !== undefined && isWithin(range, internet[range.version])
}
