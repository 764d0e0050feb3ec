/** What a rule of a security group or a network ACL is about. */
export interface Traffic {
  protocol: string
  from_port: number
  to_port: number
  icmp_type: number
  icmp_code: number
}

export const trafficColumns = {
  protocol: 'text',
  from_port: 'bigint',
  to_port: 'bigint',
  icmp_type: 'bigint',
  icmp_code: 'bigint',
} as const

export const trafficTitles = {
  protocol: 'tcp, udp, icmp, icmpv6, all, or the number of another protocol',
  from_port: 'First port; 0 where all ports are meant, -1 where the protocol has none',
  to_port: 'Last port; 65535 where all ports are meant, -1 where the protocol has none',
  icmp_type: '-1: all types, or no ICMP',
  icmp_code: '-1: all codes, or no ICMP',
}

/** https://www.iana.org/assignments/protocol-numbers */
const protocols: Record<string, string> = {
  '-1': 'all',
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
}

/**
 * Ports as one form for security groups (names of protocols, ICMP in the ports) and network ACLs (numbers, ICMP
 * apart): a comparison with a port is right without looking at the protocol.
 */
export function toTraffic(
  protocol: string | undefined,
  from: number | undefined,
  to: number | undefined,
  icmp?: { Type?: number | undefined; Code?: number | undefined },
): Traffic {
  const known = protocols[protocol ?? '-1'] ?? (protocol as string).toLowerCase()
  const none = { from_port: -1, to_port: -1, icmp_type: -1, icmp_code: -1 }
  switch (known) {
    case 'all':
      return { ...none, protocol: known, from_port: 0, to_port: 65_535 }
    case 'tcp':
    case 'udp':
      // AWS says the ports of these, where all are meant too.
      if (from === undefined) throw new TypeError(`a rule for ${known} says no port`)
      if (from < 0) return { ...none, protocol: known, from_port: 0, to_port: 65_535 }
      if (to === undefined) throw new TypeError(`a rule for ${known} says no last port`)
      return { ...none, protocol: known, from_port: from, to_port: to }
    case 'icmp':
    case 'icmpv6':
      return {
        ...none,
        protocol: known,
        icmp_type: icmp?.Type ?? from ?? -1,
        icmp_code: icmp?.Code ?? to ?? -1,
      }
    default:
      return { ...none, protocol: known }
  }
}

export function hasAllPorts(traffic: Traffic): boolean {
  return traffic.from_port === 0 && traffic.to_port === 65_535
}
