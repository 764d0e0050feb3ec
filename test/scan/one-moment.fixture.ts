import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody, type RecordedExchange } from '../../src/collect/transport/recording.ts'
import { careless } from './estate.ts'

export type Edit = (exchanges: Recording['exchanges']) => Recording['exchanges']

/** The answers of one account, written anew. */
function edited(write: (operation: string, body: string, one: RecordedExchange) => string): Edit {
  return (exchanges) =>
    exchanges.map((one) => {
      if (one.account_id !== careless) return one
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

/** Of the roles a and b, which are there all along, one may do everything; the machines have its profile. */
export function twoRoles(mighty: 'a' | 'b'): Edit {
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
        .replace(/<AttachedManagedPolicies>[\s\S]*?<\/AttachedManagedPolicies>/, '<AttachedManagedPolicies/>')
        .replace(/<RolePolicyList\/>/, name === mighty ? everything : '<RolePolicyList/>')
    return body.slice(0, start) + role('a') + role('b') + body.slice(start)
  })
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
    return `<?xml version="1.0" encoding="utf-8"?><ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${arn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
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
