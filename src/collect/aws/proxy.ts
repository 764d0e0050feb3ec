import type { Network } from './connection.ts'

/**
 * The proxy for an address, `''` for none: the rules that curl and most tools share. An entry of NO_PROXY is a
 * host (and all below it), with or without leading dot or `*`, optionally with a port, an IPv4 network, or `*`.
 */
export function proxyFor(address: URL, network: Network): string {
  const secure = address.protocol === 'https:'
  const proxy = secure ? network.https_proxy : network.http_proxy
  if (!proxy || isExempt(address, network.no_proxy ?? '')) return ''
  return withProtocol(proxy)
}

function withProtocol(proxy: string): string {
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

/** Where a proxy is and what it speaks; no host where that cannot be told. Never its user and password. */
export function readProxy(proxy: string): { host: string; protocol: string } {
  const { host = '', protocol = '' } = URL.parse(withProtocol(proxy)) ?? {}
  return { host, protocol }
}

export function isProxyProtocol(protocol: string): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

function isExempt(address: URL, list: string): boolean {
  const host = address.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = address.port || (address.protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => entry !== '' && matches(entry, host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  const network = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(entry)
  if (network !== null) return isWithin(host, network[1]!, Number(network[2]))
  const withPort = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry)
  if (withPort !== null && withPort[2] !== port) return false
  const name = (withPort?.[1] ?? entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
  return host === name || host.endsWith(`.${name}`)
}

function isWithin(host: string, network: string, bits: number): boolean {
  const address = toNumber(host)
  const base = toNumber(network)
  if (address === undefined || base === undefined || bits > 32) return false
  const size = 2 ** (32 - bits)
  return Math.floor(address / size) === Math.floor(base / size)
}

function toNumber(address: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number)
  if (parts === undefined || parts.some((part) => part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}
