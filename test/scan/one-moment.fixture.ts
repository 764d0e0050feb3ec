import { expect } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody, type RecordedExchange } from '../../src/collect/transport/recording.ts'
import type { Reader } from '../../src/db/database.ts'
import { careless, good } from './estate.ts'

export type Edit = (exchanges: Recording['exchanges']) => Recording['exchanges']

/** The answers of one account, or of several, written anew. */
export function edited(
  write: (operation: string, body: string, one: RecordedExchange) => string,
  accounts: readonly string[] = [careless],
): Edit {
  return (exchanges) =>
    exchanges.map((one) => {
      if (!accounts.includes(one.account_id)) return one
      const body = fromBody(one.body).toString('utf8')
      const next = write(one.operation, body, one)
      return next === body ? one : { ...one, status: 200, body: next }
    })
}

const everything =
  '<RolePolicyList><member><PolicyName>all</PolicyName><PolicyDocument>{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}</PolicyDocument></member></RolePolicyList>'

/** Every machine has a profile. */
function withProfile(body: string, profile: string): string {
  const given = `<iamInstanceProfile><arn>arn:aws:iam::${careless}:instance-profile/${profile}</arn><id>x</id></iamInstanceProfile>`
  return body.replaceAll('<clientToken>', `${given}<clientToken>`)
}

/**
 * Of the roles a and b, which are there all along, one may do everything, by itself or by its managed policy; the machines have
 * its profile.
 */
export function twoRoles(mighty: 'a' | 'b', by: 'inline' | 'attached' = 'inline'): Edit {
  return edited((operation, body) => {
    if (operation === 'DescribeInstances') return withProfile(body, mighty)
    const from = body.indexOf('<RoleDetailList><member>')
    if (operation !== 'GetAccountAuthorizationDetails' || from < 0) return body
    const start = from + '<RoleDetailList>'.length
    const web = body.slice(start, body.indexOf('<member><Path>/</Path><RoleName>partner'))
    const role = (name: string) =>
      web
        .replaceAll(':role/web<', `:role/${name}<`)
        .replaceAll('<RoleName>web<', `<RoleName>${name}<`)
        .replaceAll('<InstanceProfileName>web<', `<InstanceProfileName>${name}<`)
        .replaceAll(':instance-profile/web<', `:instance-profile/${name}<`)
        .replaceAll(/<RoleId>\w+</g, `<RoleId>AROA${name.toUpperCase().repeat(16)}<`)
        .replaceAll(/<InstanceProfileId>\w+</g, `<InstanceProfileId>AIPA${name.toUpperCase().repeat(16)}<`)
        .replace(
          /<AttachedManagedPolicies>[\s\S]*?<\/AttachedManagedPolicies>/,
          by === 'inline' ? '<AttachedManagedPolicies/>' : attached(name),
        )
        .replace(/<RolePolicyList\/>/, by === 'inline' && name === mighty ? everything : '<RolePolicyList/>')
    const roles = body.slice(0, start) + role('a') + role('b') + body.slice(start)
    if (by === 'inline') return roles
    const policies = ['a', 'b'].map((name) => managed(name, name === mighty)).join('')
    return roles.replace('<Policies>', `<Policies>${policies}`)
  })
}

function attached(name: string): string {
  return `<AttachedManagedPolicies><member><PolicyName>${name}</PolicyName><PolicyArn>arn:aws:iam::${careless}:policy/${name}</PolicyArn></member></AttachedManagedPolicies>`
}

function managed(name: string, isMighty: boolean): string {
  const statement = { Effect: 'Allow', Action: isMighty ? '*' : 's3:GetObject', Resource: '*' }
  const document = encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))
  const day = '2026-01-01T00:00:00Z'
  const version = `<member><Document>${document}</Document><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion><CreateDate>${day}</CreateDate></member>`
  return `<member><PolicyName>${name}</PolicyName><PolicyId>ANPA${name.toUpperCase().repeat(16)}</PolicyId><Arn>arn:aws:iam::${careless}:policy/${name}</Arn><Path>/</Path><DefaultVersionId>v1</DefaultVersionId><AttachmentCount>1</AttachmentCount><PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount><IsAttachable>true</IsAttachable><CreateDate>${day}</CreateDate><UpdateDate>${day}</UpdateDate><PolicyVersionList>${version}</PolicyVersionList></member>`
}

interface BucketIs {
  policy?: 'open' | 'closed'
  acl?: 'open' | 'closed'
  /** Its own block, and its account's. */
  block?: 'on' | 'off'
  accountBlock?: 'on' | 'off'
}

/** One bucket; what is not said stays as it was recorded. */
export function bucketIs({ policy, acl, block, accountBlock }: BucketIs): Edit {
  return edited((operation, body, { key }) => {
    if (operation === 'GetPublicAccessBlock' && key.includes('v20180820'))
      return accountBlock === undefined ? body : blockOf(accountBlock)
    if (!key.includes('larkspur-images')) return body
    if (operation === 'GetBucketPolicy' && policy !== undefined) return policyOf(policy)
    if (operation === 'GetBucketAcl' && acl !== undefined) return aclOf(acl)
    if (operation === 'GetPublicAccessBlock' && block !== undefined) return blockOf(block)
    return body
  })
}

const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

function blockOf(is: 'on' | 'off'): string {
  const all = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']
  const set = all.map((name) => `<${name}>${is === 'on'}</${name}>`).join('')
  return `<PublicAccessBlockConfiguration ${xmlns}>${set}</PublicAccessBlockConfiguration>`
}

function policyOf(is: 'open' | 'closed'): string {
  const Principal = is === 'open' ? '*' : { AWS: `arn:aws:iam::${careless}:root` }
  const Statement = [
    { Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::larkspur-images/*' },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

function aclOf(is: 'open' | 'closed'): string {
  const id = '<ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>'
  const grantee =
    is === 'open'
      ? 'xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>'
      : `xsi:type="CanonicalUser">${id}`
  const grant = `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ${grantee}</Grantee><Permission>READ</Permission></Grant>`
  return `<AccessControlPolicy ${xmlns}><Owner>${id}</Owner><AccessControlList>${grant}</AccessControlList></AccessControlPolicy>`
}

/** A bucket of one account is encrypted by one of two keys of the other, and the other of the two is disabled. */
export function keyOfOther(at: 0 | 1): Edit {
  const keys = ['4f450e54-22c5-4a2b-b9c9-d1b96c525bbc', '0e26b36e-c5e9-4337-8282-40cf1535deff'] as const
  const arn = `arn:aws:kms:eu-west-1:${good}:key/${keys[at]}`
  const write = (operation: string, body: string, { key, account_id }: RecordedExchange): string => {
    const which = keys.findIndex((one) => key.includes(one))
    if (operation === 'DescribeKey' && account_id === good && which >= 0)
      return body
        .replace(/"KeyState": ?"\w+"/, `"KeyState":"${which === at ? 'Enabled' : 'Disabled'}"`)
        .replace(/"Enabled": ?(true|false)/, `"Enabled":${which === at}`)
    const isBucket = operation === 'GetBucketEncryption' && account_id === careless && key.includes('images')
    return isBucket ? encryptedBy(arn) : body
  }
  return edited(write, [good, careless])
}

function encryptedBy(arn: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><ServerSideEncryptionConfiguration ${xmlns}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${arn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
}

const used = 'sg-5e4f909a5d433b097'
const other = 'sg-2a450e79c72f400c5'

/** A security group is that of the machine's interface, or another group lets its members in. */
export function groupUsedBy(by: 'interface' | 'rule'): Edit {
  return edited((operation, body) => {
    if (by === 'interface') return body
    if (operation === 'DescribeNetworkInterfaces') return body.replaceAll(used, other)
    if (operation !== 'DescribeSecurityGroups' || !body.includes(other)) return body
    const rule = `<item><ipProtocol>tcp</ipProtocol><fromPort>5432</fromPort><toPort>5432</toPort><groups><item><groupId>${used}</groupId><userId>${careless}</userId></item></groups><ipRanges/><ipv6Ranges/><prefixListIds/></item>`
    return body.replace(
      /(<groupDescription>default VPC security group<\/groupDescription>)<ipPermissions\/>(<\/item><\/securityGroupInfo>)/,
      `$1<ipPermissions>${rule}</ipPermissions>$2`,
    )
  })
}

/** Ends when a scan has written that this role may do everything. */
export async function roleIsMighty(db: Reader, name: string): Promise<void> {
  const roles = () =>
    db.query(
      'select r.role_name from lake.aws_iam_role r where r.account_id = $1::text and r.is_admin and r.role_name = $2::text',
      [careless, name],
    )
  await expect.poll(roles, { timeout: 20_000 }).toHaveLength(1)
}

/** The profile of the role that may do everything has another name from one day to the next, and so has the machines'. */
export function profileNamed(profile: string): Edit {
  return edited((operation, body) => {
    if (operation === 'DescribeInstances') return withProfile(body, profile)
    if (operation !== 'GetAccountAuthorizationDetails') return body
    return body
      .replaceAll('<InstanceProfileName>web<', `<InstanceProfileName>${profile}<`)
      .replaceAll(':instance-profile/web<', `:instance-profile/${profile}<`)
      .replace(/(role\/web<[\s\S]*?)<RolePolicyList\/>/, `$1${everything}`)
  })
}

/** No subnet leads to the internet; the load balancer takes requests from it, and passes them on to the machine. */
function reached(operation: string, body: string): string {
  if (operation === 'DescribeSecurityGroups')
    return body.replaceAll(/<(from|to)Port>22<\/\1Port>/g, '<$1Port>80</$1Port>')
  if (operation === 'DescribeRouteTables') return body.replaceAll('igw-', 'vgw-')
  if (operation === 'DescribeInstances') return withProfile(body, 'web')
  if (operation !== 'GetAccountAuthorizationDetails') return body
  return body.replace(/(role\/web<[\s\S]*?)<RolePolicyList\/>/, `$1${everything}`)
}

export function behindBalancer({ hasMachine }: { hasMachine: boolean }): Edit {
  return edited((operation, body) => {
    const written = reached(operation, body)
    if (hasMachine) return written
    return written
      .replace(
        /<TargetHealthDescriptions>[\s\S]*<\/TargetHealthDescriptions>/,
        '<TargetHealthDescriptions></TargetHealthDescriptions>',
      )
      .replace(/<reservationSet>[\s\S]*<\/reservationSet>/, '<reservationSet></reservationSet>')
  })
}

const [group, otherGroup] = ['8aecdda72ba0d3a3', 'bbbbbbbbbbbbbbbb']

/** The machine is a target by its address; a target group of another network has the address that it has at first. */
export function targetsByAddress(address: string): Edit {
  return (exchanges) =>
    edited(reached)(exchanges).flatMap((one): RecordedExchange[] => {
      if (one.account_id !== careless) return [one]
      const body = fromBody(one.body).toString('utf8')
      if (one.operation === 'DescribeInstances')
        return [{ ...one, body: body.replaceAll('10.7.0.4<', `${address}<`) }]
      if (one.operation === 'DescribeTargetGroups') return [{ ...one, body: withOther(body) }]
      if (!one.key.includes(group)) return [one]
      const at = (target: string) => body.replace('<Id>i-435c9ea3020c9f191<', `<Id>${target}<`)
      return [
        { ...one, body: at(address) },
        {
          ...one,
          key: one.key.replaceAll(group, otherGroup),
          body: at('10.7.0.4').replaceAll(group, otherGroup),
        },
      ]
    })
}

function withOther(body: string): string {
  const byAddress = body.replace('<TargetType>instance<', '<TargetType>ip<')
  return byAddress.replace(/(?<=<TargetGroups>)<member>.*<\/member>(?=<\/TargetGroups>)/s, (first) => {
    const other = first
      .replaceAll(group, otherGroup)
      .replace(/(?<=<VpcId>)vpc-\w+/, 'vpc-0000000000000000a')
      .replace(/<LoadBalancerArns>.*<\/LoadBalancerArns>/s, '<LoadBalancerArns/>')
      .replace('<TargetGroupName>web<', '<TargetGroupName>two<')
    return first + other
  })
}

/** A bucket is encrypted by an alias, which the one key of its region has. */
export function aliasOf(alias: string): Edit {
  const arn = `arn:aws:kms:eu-west-1:${careless}:alias/${alias}`
  return edited((operation, body, { key }) => {
    if (operation === 'ListAliases') return body.replaceAll('alias/orders', `alias/${alias}`)
    if (operation !== 'GetBucketEncryption' || !key.includes('images')) return body
    return encryptedBy(arn)
  })
}

const balancer = `arn:aws:elasticloadbalancing:eu-west-1:${careless}:loadbalancer/app/web/ca03ca19e66da474`
const [listener, otherListener] = ['0fccc863896ea13a', 'cccccccccccccccc']
const otherArn = `${balancer.replace(':loadbalancer/', ':listener/')}/${otherListener}`
const https = `<member><ListenerArn>${otherArn}</ListenerArn><LoadBalancerArn>${balancer}</LoadBalancerArn><Port>443</Port><Protocol>HTTPS</Protocol><SslPolicy>ELBSecurityPolicy-TLS13-1-2-2021-06</SslPolicy><Certificates><member><CertificateArn>arn:aws:acm:eu-west-1:${careless}:certificate/x</CertificateArn></member></Certificates><DefaultActions><member><Type>fixed-response</Type><FixedResponseConfig><StatusCode>404</StatusCode></FixedResponseConfig></member></DefaultActions><AlpnPolicy/></member>`

/** The load balancer listens for HTTP and HTTPS, or is not there. */
export function twoListeners(areThere: boolean): Edit {
  if (!areThere)
    return edited((_, body) =>
      body
        .replace(/<LoadBalancers>.*<\/LoadBalancers>/s, '<LoadBalancers/>')
        .replace(/<Listeners>.*<\/Listeners>/s, '<Listeners/>'),
    )
  return (exchanges) =>
    exchanges.flatMap((one): RecordedExchange[] => {
      const body = fromBody(one.body).toString('utf8')
      if (one.account_id !== careless) return [one]
      if (one.operation === 'DescribeRules') {
        const none = body.replace(/<Rules>.*<\/Rules>/s, '<Rules/>')
        return [one, { ...one, key: one.key.replaceAll(listener, otherListener), body: none }]
      }
      if (one.operation !== 'DescribeListeners' || !body.includes(listener)) return [one]
      const asked = `Action=DescribeListeners&ListenerArns.member.1=${encodeURIComponent(otherArn)}&Version=2015-12-01"]`
      const alone = body.replace(/<Listeners>.*<\/Listeners>/s, `<Listeners>${https}</Listeners>`)
      return [
        { ...one, body: body.replace('</Listeners>', `${https}</Listeners>`) },
        { ...one, key: one.key.slice(0, one.key.indexOf('Action=')) + asked, body: alone },
      ]
    })
}

/** What CloudTrail says of the listener for HTTPS. */
export function listenerEntry(at: Date) {
  return {
    eventVersion: '1.11',
    eventID: 'e1',
    eventSource: 'elasticloadbalancing.amazonaws.com',
    eventName: 'CreateListener',
    awsRegion: 'eu-west-1',
    recipientAccountId: careless,
    eventTime: at.toISOString(),
    readOnly: false,
    requestParameters: { loadBalancerArn: balancer },
    responseElements: { listeners: [{ listenerArn: otherArn, loadBalancerArn: balancer }] },
  }
}
