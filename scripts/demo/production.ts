import type { AccountSeeder } from './account-seeder.ts'
import { buckets } from './estate.ts'
import { makeInstance, makeVolume } from './make-instance.ts'
import {
  dropDefaultNetwork,
  emptyGroup,
  makeGroup,
  makeNetwork,
  openDefaultNetwork,
  type Place,
  tcp,
} from './make-network.ts'
import { makeTrail } from './make-trail.ts'
import { makeProductionIdentity } from './production-identity.ts'
import { makeProductionNetwork } from './production-network.ts'
import { makeProductionServers } from './production-servers.ts'
import { makeProductionBuckets, makeProductionKeys } from './production-storage.ts'

/** 111122223333: the shop itself. Mostly good, with what nobody found the time to clear away. */
export async function makeProduction(seeder: AccountSeeder): Promise<void> {
  const keys = await makeProductionKeys(seeder)
  await makeProductionBuckets(seeder, keys)
  await makeProductionIdentity(seeder)
  const ireland: Place = { seeder, region: 'eu-west-1', environment: 'production' }
  await makeProductionServers(ireland, await makeProductionNetwork(ireland), keys)
  await seeder.ec2('eu-west-1').enableEbsEncryptionByDefault({})
  await makeFrankfurt({ ...ireland, region: 'eu-central-1' })
  await makeVirginia({ ...ireland, region: 'us-east-1' })
  await makeTrail(seeder, {
    name: 'larkspur-everything',
    born: '2024-11-12',
    prefix: 'production',
    objects: 'arn:aws:s3:::larkspur-payments-vault/',
    team: 'security',
  })
  await seeder.account.putAlternateContact({
    AlternateContactType: 'SECURITY',
    EmailAddress: 'security@larkspur.example',
    Name: 'Security team',
    PhoneNumber: '+44 20 7946 0018',
    Title: 'Security',
  })
}

/** Where backups go, and where the shop would start again. */
async function makeFrankfurt(place: Place): Promise<void> {
  await dropDefaultNetwork(place)
  const network = await makeNetwork(place, {
    name: 'larkspur-standby',
    net: '10.30',
    zones: ['a', 'b'],
    privateTiers: ['app'],
    flowLogBucket: buckets.flowLogs,
    born: '2025-01-20',
  })
  await emptyGroup(place, network.defaultGroupId)
  const group = await makeGroup(place, network.vpcId, 'standby', 'Standby servers', [
    tcp(8080, '10.30.0.0/16'),
  ])
  for (const nr of [1, 2]) {
    await makeInstance(place, {
      name: `standby-${nr}`,
      team: 'platform',
      type: 'm6i.large',
      subnetId: network.subnets[`app-${'ab'[nr - 1]}`]!,
      groupIds: [group],
      born: '2025-01-20',
      profile: 'shop-web',
      stopped: '2026-06-30',
    })
  }
  await makeVolume(place, { name: 'orders-copy', team: 'platform', zone: 'a', gib: 300, born: '2026-11-09' })
  await place.seeder.ec2(place.region).enableEbsEncryptionByDefault({})
}

/** A landing page for a market that never opened, in the network that came with the region. */
async function makeVirginia(place: Place): Promise<void> {
  await openDefaultNetwork(place)
  const ec2 = place.seeder.ec2(place.region)
  const { Subnets } = await ec2.describeSubnets({})
  const { SecurityGroups } = await ec2.describeSecurityGroups({
    Filters: [{ Name: 'group-name', Values: ['default'] }],
  })
  await makeInstance(place, {
    name: 'us-landing',
    team: 'marketing',
    type: 't3.small',
    subnetId: Subnets?.[0]?.SubnetId ?? '',
    groupIds: [SecurityGroups?.[0]?.GroupId ?? ''],
    born: '2026-03-02',
    publicAddress: true,
    imdsv1: true,
    encrypted: false,
    monitoring: false,
  })
}
