import type { NetworkAclEntry } from '@aws-sdk/client-ec2'
import type { Stored } from '../../../lake/stored.ts'
import { type AddressRange, parseAddressRange } from '../policy/address-range.ts'
import { internet, longest } from './cidr.ts'
import { type Traffic, toTraffic } from './traffic.ts'

type Entry = Stored<NetworkAclEntry>

interface Step {
  number: number
  isAllow: boolean
  range: AddressRange
  traffic: Traffic
}

/** What a network ACL lets through in one direction, for the internet at large. */
export interface AclOpenness {
  /** Some traffic other than ICMP. */
  any: boolean
  /** All TCP, all UDP and all other protocols. */
  all: boolean
  port(protocol: 'tcp' | 'udp', port: number): boolean
}

/**
 * Entries hold in the order of their numbers, and the first that fits decides; IPv4 and IPv6 apart. "The
 * internet" is let through where a stretch of it is that is longer than a /8 of IPv4 or a /12 of IPv6: a Deny for one
 * office before an Allow for everyone takes nothing back, two halves are as good as the whole, and the private ranges,
 * apart from one another, are nobody.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */
export function walkAcl(entries: readonly Entry[], direction: 'ingress' | 'egress'): AclOpenness {
  const steps = entries
    .filter((entry) => (entry.Egress ?? false) === (direction === 'egress'))
    .flatMap(toStep)
    .sort((a, b) => a.number - b.number)
  const isOpen = (protocol: string, port: number) =>
    ([4, 6] as const).some((version) => {
      const those = steps.filter(
        (step) => step.range.version === version && fits(step.traffic, protocol, port),
      )
      return longestAllowed(those, internet[version]) > longest[version]
    })
  const kinds = [
    ...['tcp', 'udp'].flatMap((protocol) =>
      portsOf(steps, protocol).map((port) => [protocol, port] as const),
    ),
    ...[...new Set(['other', ...steps.map(({ traffic }) => traffic.protocol)])]
      .filter((protocol) => !['all', 'tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol))
      .map((protocol) => [protocol, -1] as const),
  ]
  return {
    any: kinds.some(([protocol, port]) => isOpen(protocol, port)),
    all: kinds.every(([protocol, port]) => isOpen(protocol, port)),
    port: isOpen,
  }
}

function toStep(entry: Entry): Step[] {
  const range = parseAddressRange(entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '')
  if (range === undefined) return []
  const { From, To } = entry.PortRange ?? {}
  return [
    {
      number: entry.RuleNumber ?? 0,
      isAllow: entry.RuleAction === 'allow',
      range,
      traffic: toTraffic(entry.Protocol, From, To),
    },
  ]
}

function fits(traffic: Traffic, protocol: string, port: number): boolean {
  if (traffic.protocol === 'all') return true
  if (traffic.protocol !== protocol) return false
  return port < 0 || (traffic.from_port <= port && port <= traffic.to_port)
}

/** One port of each stretch that the entries treat alike. */
function portsOf(steps: readonly Step[], protocol: string): number[] {
  const starts = new Set([0])
  for (const { traffic } of steps) {
    if (traffic.protocol !== protocol) continue
    starts.add(traffic.from_port)
    if (traffic.to_port < 65_535) starts.add(traffic.to_port + 1)
  }
  return [...starts]
}

/** How many addresses of the world in one stretch are let through. */
function longestAllowed(steps: readonly Step[], world: AddressRange): bigint {
  let open: AddressRange[] = [world]
  const allowed: AddressRange[] = []
  for (const { isAllow, range } of steps) {
    const rest: AddressRange[] = []
    for (const one of open) {
      const from = one.from > range.from ? one.from : range.from
      const to = one.to < range.to ? one.to : range.to
      if (from > to) {
        rest.push(one)
        continue
      }
      if (isAllow) allowed.push({ ...one, from, to })
      if (one.from < from) rest.push({ ...one, to: from - 1n })
      if (to < one.to) rest.push({ ...one, from: to + 1n })
    }
    open = rest
  }
  return longestStretch(allowed)
}

function longestStretch(ranges: readonly AddressRange[]): bigint {
  let most = 0n
  let from = 0n
  let to = -2n
  for (const range of ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (range.from > to + 1n) from = range.from
    if (range.to > to) to = range.to
    if (to - from + 1n > most) most = to - from + 1n
  }
  return most
}
