import type { Config } from './settings.ts'

/** The values in a configuration that must never be shown, and the password within an address by itself. */
export function secretsOf(config: Config): string[] {
  const { database, network, connections } = config
  const addresses = [database.url, database.reader_url, network.https_proxy, network.http_proxy].filter(
    (url) => url !== undefined,
  )
  const passwords = addresses.flatMap((address) => {
    // Where the two readings differ nobody knows which one is meant, so neither is shown.
    const written = [URL.parse(address)?.password ?? '', passwordIn(address)].filter((one) => one !== '')
    return written.flatMap((one) => [one, decode(one)])
  })
  const externalIds = connections.flatMap(({ external_id }) => external_id ?? [])
  return [...new Set([...passwords, ...externalIds])]
}

/** Of an address that cannot be parsed, or not as it was meant, for its password holds a `/` or `#`. */
function passwordIn(address: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^:@]*:(.+)@/is.exec(address)?.[1] ?? ''
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
