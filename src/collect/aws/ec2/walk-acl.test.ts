import { expect, it } from 'vitest'
import { walkAcl } from './walk-acl.ts'

type Line = [number: number, action: 'allow' | 'deny', protocol: string, ports: string, cidr: string]

/** `[100, 'allow', '6', '22', '0.0.0.0/0']` */
function openness(...lines: Line[]) {
  const entries = lines.map(([RuleNumber, RuleAction, Protocol, ports, cidr]) => {
    const [From, To = From] = ports === '' ? [] : ports.split('-').map(Number)
    return {
      RuleNumber,
      RuleAction,
      Protocol,
      Egress: false,
      ...(From === undefined ? {} : { PortRange: { From, To: To as number } }),
      ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
    }
  })
  const { any, all, port } = walkAcl(entries, 'ingress')
  return { any, all, ssh: port('tcp', 22), rdp: port('tcp', 3389) }
}
const world = '0.0.0.0/0'
const shut = { any: false, all: false, ssh: false, rdp: false }
const open = { any: true, all: true, ssh: true, rdp: true }
const last: Line = [32_767, 'deny', '-1', '', world]

it.each<[string, Line[], Partial<typeof open>]>([
  ['nothing', [], shut],
  ['the last entry only', [last], shut],
  ['everything from everywhere', [[100, 'allow', '-1', '', world], last], open],
  ['everything of IPv6', [[101, 'allow', '-1', '', '::/0'], last], open],
  ['all that is in use of IPv6', [[101, 'allow', '-1', '', '2000::/3'], last], open],
  ['SSH only', [[100, 'allow', '6', '22', world], last], { any: true, all: false, ssh: true, rdp: false }],
  ['a range over it', [[100, 'allow', '6', '20-30', world], last], { ssh: true, rdp: false }],
  ['UDP', [[100, 'allow', '17', '3389', world], last], { any: true, ssh: false, rdp: false }],
  [
    'all ports of TCP',
    [[100, 'allow', '6', '0-65535', world]],
    { any: true, all: false, ssh: true, rdp: true },
  ],
  ['ping', [[100, 'allow', '1', '', world]], shut],
  ['another protocol', [[100, 'allow', '50', '', world]], { any: true, all: false, ssh: false }],
  ['an office', [[100, 'allow', '-1', '', '192.0.2.0/24']], shut],
  [
    'half of the internet, twice',
    [
      [100, 'allow', '-1', '', '0.0.0.0/1'],
      [110, 'allow', '-1', '', '128.0.0.0/1'],
    ],
    open,
  ],
  ['a quarter of it', [[100, 'allow', '-1', '', '0.0.0.0/2']], open],
  ['what one registry has', [[100, 'allow', '-1', '', '11.0.0.0/8']], shut],
  ['an eleventh bit of IPv6', [[100, 'allow', '-1', '', '2400::/11']], open],
  ['what one registry has of IPv6', [[100, 'allow', '-1', '', '2400::/12']], shut],
  [
    'the private ranges',
    [
      [100, 'allow', '-1', '', '10.0.0.0/8'],
      [110, 'allow', '-1', '', '172.16.0.0/12'],
      [120, 'allow', '-1', '', '192.168.0.0/16'],
    ],
    shut,
  ],
  ['those of IPv6', [[100, 'allow', '-1', '', 'fc00::/7']], shut],
  [
    'more than half denied before it',
    [
      [90, 'deny', '-1', '', '0.0.0.0/1'],
      [95, 'deny', '-1', '', '128.0.0.0/3'],
      [100, 'allow', '-1', '', world],
    ],
    open,
  ],
  [
    'a deny before it',
    [
      [90, 'deny', '6', '22', world],
      [100, 'allow', '-1', '', world],
    ],
    { any: true, all: false, ssh: false, rdp: true },
  ],
  [
    'a deny behind it',
    [
      [100, 'allow', '-1', '', world],
      [110, 'deny', '6', '22', world],
    ],
    open,
  ],
  [
    'numbers out of order',
    [
      [110, 'deny', '6', '22', world],
      [100, 'allow', '-1', '', world],
    ],
    open,
  ],
  [
    'a deny for one address',
    [
      [90, 'deny', '-1', '', '192.0.2.7/32'],
      [100, 'allow', '-1', '', world],
    ],
    open,
  ],
  [
    'a deny of TCP and an allow of UDP',
    [
      [90, 'deny', '6', '22', world],
      [100, 'allow', '17', '22', world],
    ],
    { any: true, ssh: false },
  ],
  [
    'a deny in two halves',
    [
      [80, 'deny', '-1', '', '0.0.0.0/1'],
      [90, 'deny', '-1', '', '128.0.0.0/1'],
      [100, 'allow', '-1', '', world],
    ],
    shut,
  ],
  [
    'a deny of IPv4 beside an allow of IPv6',
    [
      [90, 'deny', '-1', '', world],
      [100, 'allow', '-1', '', '::/0'],
    ],
    open,
  ],
  [
    'a deny of another protocol',
    [
      [90, 'deny', '50', '', world],
      [100, 'allow', '-1', '', world],
    ],
    { any: true, all: false },
  ],
])('an ACL of %s', (_, lines, expected) => {
  expect(openness(...lines)).toMatchObject(expected)
})

it('keeps incoming and outgoing apart', () => {
  const out = {
    RuleNumber: 100,
    RuleAction: 'allow' as const,
    Protocol: '-1',
    Egress: true,
    CidrBlock: world,
  }
  expect(walkAcl([out], 'egress').all).toBe(true)
  expect(walkAcl([out], 'ingress').any).toBe(false)
})
