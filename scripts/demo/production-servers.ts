import { buckets, certificateName } from './estate.ts'
import { makeBalancer, makeTargetGroup } from './make-balancer.ts'
import { makeInstance, makeVolume } from './make-instance.ts'
import type { Place } from './make-network.ts'
import type { ProductionNetwork } from './production-network.ts'

/** What runs in Ireland: three layers in private subnets, and what is left of older days in public ones. */
export async function makeProductionServers(
  place: Place,
  network: ProductionNetwork,
  keys: { orders: string },
): Promise<void> {
  const { subnets, groups } = network
  const fleet = async (
    name: string,
    plan: {
      tier: string
      group: string
      type: string
      team: string
      profile: string
      born: string
      of: number
    },
  ) => {
    const ids: string[] = []
    for (let nr = 1; nr <= plan.of; nr++) {
      const zone = 'abc'[(nr - 1) % 3]!
      ids.push(
        await makeInstance(place, {
          name: `${name}-${nr}`,
          team: plan.team,
          type: plan.type,
          subnetId: subnets[`${plan.tier}-${zone}`]!,
          groupIds: [plan.group],
          born: plan.born,
          profile: plan.profile,
        }),
      )
    }
    return ids
  }
  const web = await fleet('web', {
    tier: 'app',
    group: groups.web,
    type: 'm6i.large',
    team: 'storefront',
    profile: 'shop-web',
    born: '2026-06-09',
    of: 6,
  })
  const api = await fleet('api', {
    tier: 'app',
    group: groups.api,
    type: 'm6i.xlarge',
    team: 'orders',
    profile: 'shop-api',
    born: '2026-05-20',
    of: 4,
  })
  await fleet('worker', {
    tier: 'app',
    group: groups.api,
    type: 'c6i.large',
    team: 'orders',
    profile: 'shop-worker',
    born: '2026-05-21',
    of: 3,
  })
  const data = await fleet('search', {
    tier: 'data',
    group: groups.data,
    type: 'r6i.large',
    team: 'search',
    profile: 'shop-search',
    born: '2025-09-02',
    of: 3,
  })
  for (const [nr, instanceId] of data.entries()) {
    await makeVolume(place, {
      name: `search-data-${nr + 1}`,
      team: 'search',
      zone: 'abc'[nr]!,
      gib: 500,
      born: '2025-09-02',
      encrypted: keys.orders,
      attach: { instanceId, device: '/dev/sdf' },
    })
  }
  await makeLeftovers(place, network)
  await makeBalancers(place, network, web, api)
}

async function makeLeftovers(place: Place, { subnets, groups }: ProductionNetwork): Promise<void> {
  const open = { subnetId: subnets['public-a']!, publicAddress: true }
  await makeInstance(place, {
    name: 'bastion',
    team: 'platform',
    type: 't3.micro',
    groupIds: [groups.bastion],
    born: '2025-01-14',
    profile: 'bastion',
    keyName: 'platform-2025',
    ...open,
  })
  await makeInstance(place, {
    name: 'erp-legacy',
    team: 'finance-it',
    type: 'm4.xlarge',
    groupIds: [groups.erp],
    born: '2024-11-18',
    profile: 'erp-legacy',
    imdsv1: true,
    encrypted: false,
    rootGiB: 120,
    monitoring: false,
    keyName: 'erp-vendor',
    windows: true,
    ...open,
  })
  await makeInstance(place, {
    name: 'image-resizer',
    team: 'storefront',
    type: 'c5.large',
    groupIds: [groups.resizer],
    born: '2025-02-27',
    profile: 'image-resizer',
    imdsv1: true,
    encrypted: false,
    monitoring: false,
    keyName: 'marek',
    userData: '#!/bin/bash\nyum -y install ImageMagick\nsystemctl enable --now resizer\n',
    ...open,
  })
  await makeInstance(place, {
    name: 'price-import-old',
    team: 'pricing',
    type: 't2.medium',
    subnetId: subnets['app-b']!,
    groupIds: [groups.api],
    born: '2024-12-03',
    imdsv1: true,
    encrypted: false,
    monitoring: false,
    stopped: '2026-02-11',
  })
  await makeVolume(place, {
    name: 'customer-export-march',
    team: 'finance-it',
    zone: 'a',
    gib: 200,
    born: '2025-03-18',
    encrypted: false,
  })
  await makeVolume(place, {
    name: 'erp-backup',
    team: 'finance-it',
    zone: 'a',
    gib: 400,
    born: '2025-01-09',
    encrypted: false,
  })
  await makeVolume(place, { name: 'search-reindex', team: 'search', zone: 'b', gib: 500, born: '2026-08-04' })
}

async function makeBalancers(
  place: Place,
  { vpcId, subnets, groups }: ProductionNetwork,
  web: readonly string[],
  api: readonly string[],
): Promise<void> {
  const { ServerCertificateMetadata } = await place.seeder.iam.uploadServerCertificate({
    ServerCertificateName: certificateName,
    CertificateBody: 'a certificate',
    PrivateKey: 'its key',
  })
  const certificate = ServerCertificateMetadata?.Arn ?? ''
  const outside = ['a', 'b', 'c'].map((zone) => subnets[`public-${zone}`]!)
  const inside = ['a', 'b', 'c'].map((zone) => subnets[`app-${zone}`]!)
  const logs = {
    'access_logs.s3.enabled': 'true',
    'access_logs.s3.bucket': buckets.accessLogs,
    'access_logs.s3.prefix': 'shop',
  }
  const shop = await makeTargetGroup(place, {
    name: 'shop-web',
    vpcId,
    port: 8080,
    protocol: 'HTTP',
    instances: web,
  })
  await makeBalancer(place, {
    name: 'shop',
    born: '2024-11-20',
    kind: 'application',
    scheme: 'internet-facing',
    subnets: outside,
    groups: [groups.edge],
    certificate,
    listeners: [
      { port: 443, protocol: 'HTTPS', to: shop },
      // A partner's client that never learned HTTPS.
      { port: 80, protocol: 'HTTP', paths: { '/feed/*': shop } },
    ],
    attributes: {
      ...logs,
      'deletion_protection.enabled': 'true',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
    },
  })
  const orders = await makeTargetGroup(place, {
    name: 'shop-api',
    vpcId,
    port: 8443,
    protocol: 'HTTPS',
    instances: api,
  })
  await makeBalancer(place, {
    name: 'shop-api-internal',
    born: '2024-11-22',
    kind: 'application',
    scheme: 'internal',
    subnets: inside,
    groups: [groups.internal],
    certificate,
    listeners: [{ port: 443, protocol: 'HTTPS', to: orders }],
    attributes: { 'deletion_protection.enabled': 'true' },
  })
  const track = await makeTargetGroup(place, {
    name: 'track-and-trace',
    vpcId,
    port: 8080,
    protocol: 'HTTP',
    instances: web.slice(0, 2),
  })
  await makeBalancer(place, {
    name: 'track-and-trace',
    born: '2025-04-08',
    kind: 'application',
    scheme: 'internet-facing',
    subnets: outside.slice(0, 2),
    groups: [groups.edge],
    certificate,
    listeners: [
      { port: 80, protocol: 'HTTP', to: track },
      { port: 443, protocol: 'HTTPS', to: track, policy: 'ELBSecurityPolicy-2016-08' },
    ],
  })
  const feed = await makeTargetGroup(place, {
    name: 'partner-feed',
    vpcId,
    port: 9443,
    protocol: 'TCP',
    instances: api.slice(0, 2),
  })
  await makeBalancer(place, {
    name: 'partner-feed',
    born: '2025-06-30',
    kind: 'network',
    scheme: 'internet-facing',
    subnets: outside,
    groups: [],
    listeners: [{ port: 443, protocol: 'TCP', to: feed }],
  })
}
