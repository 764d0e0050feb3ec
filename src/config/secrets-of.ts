import type { Config } from './settings.ts'

/** The values in a configuration that must never be shown, and the password within an address by itself. */
export function secretsOf(config: Config): string[] {
  const { database, network, connections } = config
  const addresses = [database.url, database.reader_url, network.https_proxy, network.http_proxy].filter(
    (url) => url !== undefined,
  )
  const passwords = addresses.flatMap((address) => {
    const written = URL.parse(address)?.password ?? ''
    return written === '' ? [] : [written, decode(written)]
  })
  const externalIds = connections.flatMap(({ external_id }) => external_id ?? [])
  return [...new Set([...passwords, ...externalIds])]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
