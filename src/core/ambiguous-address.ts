/**
 * Whether an address can be read in two ways, because a password in it holds `@`, `/`, `?` or `#` as it is: what one
 * reading takes for the host or the path, and would print, is the password in the other.
 */
export function isAmbiguousAddress(address: string): boolean {
  const parsed = URL.parse(address)
  if (parsed === null) return false
  // A query may name a user with an `@`, but only behind a path.
  const { pathname, hash } = parsed
  return pathname.includes('@') || hash.includes('@') || /^[a-z][a-z0-9+.-]*:\/\/[^/]*\?.*@/i.test(address)
}

export const encodeThem = 'percent-encode @, /, ? and # in the password (%40, %2F, %3F, %23)'
