import { expect, it } from 'vitest'
import { isInternetAddress, isOpenToWorld, prefixLength } from './cidr.ts'
import { toTraffic } from './traffic.ts'

it.each([
  [['-1', undefined, undefined], { protocol: 'all', from_port: 0, to_port: 65_535 }],
  [['tcp', 22, 22], { protocol: 'tcp', from_port: 22, to_port: 22, icmp_type: -1 }],
  [['6', 22, 22], { protocol: 'tcp', from_port: 22, to_port: 22 }],
  [['tcp', -1, -1], { protocol: 'tcp', from_port: 0, to_port: 65_535 }],
  [['17', -1, -1], { protocol: 'udp', from_port: 0, to_port: 65_535 }],
  [['icmp', 8, -1], { protocol: 'icmp', from_port: -1, to_port: -1, icmp_type: 8, icmp_code: -1 }],
  [['58', undefined, undefined], { protocol: 'icmpv6', from_port: -1, icmp_type: -1 }],
  [['50', undefined, undefined], { protocol: '50', from_port: -1, to_port: -1 }],
] as const)('traffic of %j', ([protocol, from, to], expected) => {
  expect(toTraffic(protocol, from, to)).toMatchObject(expected)
})

it('takes ICMP of network ACLs from where they have it', () => {
  expect(toTraffic('1', undefined, undefined, { Type: 3, Code: 4 })).toMatchObject({
    icmp_type: 3,
    icmp_code: 4,
  })
})

it.each([
  ['0.0.0.0/0', true, 0],
  ['::/0', true, 0],
  ['2000::/3', true, 3],
  ['128.0.0.0/1', true, 1],
  ['52.0.0.0/7', true, 7],
  ['10.0.0.0/8', false, 8],
  ['2400::/11', true, 11],
  ['2400::/12', false, 12],
  ['::/1', true, 1],
  ['fc00::/7', false, 7],
  ['2001:db8::/32', false, 32],
  ['192.0.2.7/32', false, 32],
  ['not a range', false, 128],
  [undefined, false, 128],
] as const)('%s is open to the world: %s', (cidr, isOpen, length) => {
  expect(isOpenToWorld(cidr)).toBe(isOpen)
  expect(prefixLength(cidr)).toBe(length)
})

it.each([
  ['2a05:d018::1', true],
  ['fd00::1', false],
  ['fe80::1', false],
])('%s is an address of the internet: %s', (address, isOne) => {
  expect(isInternetAddress(address)).toBe(isOne)
})
