import { errorOnTheWire, usualError } from '../../src/collect/aws/wire-error.ts'
import type { WireAnswer } from '../../test/setup/stand-before.ts'
import { atWork, type Chronicle, moment } from './chronicle.ts'
import { toCredentialReport } from './credential-report.ts'
import { accounts, buckets, canonicalIds, regions } from './estate.ts'
import type { Asked, Writing } from './estate-proxy.ts'
import { lastUse } from './last-use.ts'
import { rewriteTimes } from './rewrite-times.ts'

interface Where {
  account?: string
  region?: string
  service: string
  operation: string | RegExp
}

function at(where: Where): Writing['fits'] {
  return (asked) =>
    (where.account === undefined || where.account === asked.account) &&
    (where.region === undefined || where.region === asked.region) &&
    where.service === asked.service &&
    (typeof where.operation === 'string'
      ? where.operation === asked.operation
      : where.operation.test(asked.operation))
}

function edited(mark: string, where: Where, edit: (body: string, asked: Asked) => string): Writing {
  const write = (answer: WireAnswer, asked: Asked) =>
    answer.status < 300 ? { ...answer, body: edit(answer.body, asked) } : undefined
  return { mark, fits: at(where), write }
}

/** The whole answer, where the emulator has none. */
function answered(mark: string, where: Where, body: (asked: Asked) => string): Writing {
  const write = (_: WireAnswer, asked: Asked) => ({
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: body(asked),
  })
  return { mark, whole: true, fits: at(where), write }
}

/** Not allowed, in AWS's own words. */
function refused(mark: string, what: { where: Where; action: string; because: string }): Writing {
  const { where, action, because } = what
  return {
    mark,
    whole: true,
    fits: at(where),
    write(_, { account }) {
      const who = `arn:aws:sts::${account}:assumed-role/stance/stance`
      const { service } = where
      const { status, code } = usualError(service, 'denied')
      const message = `User: ${who} is not authorized to perform: ${action} ${because}`
      const wire = errorOnTheWire(service, status, code, message)
      return { status: wire.status, headers: wire.headers, body: wire.body.toString() }
    },
  }
}

const ec2Answer = (operation: string, inner: string) =>
  `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>recorded</requestId>${inner}</${operation}Response>`

/** Everything in the recording that the emulator did not say, in the order in which it is written. */
export function writingsOf(chronicle: Chronicle, since: Date): Writing[] {
  return [
    edited(
      'policies of AWS in use',
      { service: 'iam', operation: 'GetAccountAuthorizationDetails' },
      withoutUnusedPolicies,
    ),
    {
      mark: 'times',
      fits: () => true,
      write: (answer, { account }) =>
        answer.status < 300
          ? { ...answer, body: rewriteTimes(answer.body, { account, chronicle, since }) }
          : undefined,
    },
    edited('regions opted in', { service: 'ec2', operation: 'DescribeRegions' }, withOwnRegions),
    edited(
      'last use',
      { service: 'iam', operation: /^(GetAccountAuthorizationDetails|GetRole)$/ },
      (body, asked) => withRoleUses(body, asked, chronicle),
    ),
    edited('last use', { service: 'iam', operation: 'GetAccessKeyLastUsed' }, (body, asked) =>
      withKeyUse(body, asked, chronicle),
    ),
    edited('root user', { service: 'iam', operation: 'GetAccountSummary' }, withRoot),
    edited('seeds of MFA devices', { service: 'iam', operation: 'ListVirtualMFADevices' }, (body) =>
      body.replaceAll(/<(Base32StringSeed|QRCodePNG)>[^<]*<\/\1>/g, ''),
    ),
    edited('root user', { service: 'iam', operation: 'ListVirtualMFADevices' }, withRootDevice),
    answered('credential report', { service: 'iam', operation: 'GetCredentialReport' }, ({ account }) =>
      toCredentialReport(account, chronicle),
    ),
    answered(
      'credential report',
      { service: 'iam', operation: 'GenerateCredentialReport' },
      () =>
        '<GenerateCredentialReportResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GenerateCredentialReportResult><State>COMPLETE</State></GenerateCredentialReportResult><ResponseMetadata><RequestId>recorded</RequestId></ResponseMetadata></GenerateCredentialReportResponse>',
    ),
    edited('stopped', { service: 'ec2', operation: 'DescribeInstances' }, (body) =>
      withStops(body, chronicle),
    ),
    edited('deliveries', { service: 'cloudtrail', operation: 'GetTrailStatus' }, withDeliveries),
    edited('regions of buckets', { service: 's3', operation: /^GET \/(\?|$)/ }, (body) =>
      body.replaceAll(/<Name>([^<]+)<\/Name>/g, (element, name: string) => {
        const region = chronicle.bucketRegions.get(name)
        return region === undefined ? element : `${element}<BucketRegion>${region}</BucketRegion>`
      }),
    ),
    edited('owners', { service: 's3', operation: /./ }, (body, { account }) =>
      body.replaceAll(motoOwner, canonicalIds[account] ?? motoOwner),
    ),
    edited('names', { service: 'organizations', operation: /./ }, (body) =>
      body
        .replaceAll('"Name":"master"', '"Name":"larkspur-security"')
        .replaceAll('master@example.com', 'aws+larkspur-security@larkspur.example'),
    ),
    // AWS says SUSPENDED of what it restricts, and CLOSED of what is.
    edited('closed', { service: 'organizations', operation: /./ }, (body) =>
      body.replaceAll('"State":"SUSPENDED"', '"State":"CLOSED"'),
    ),
    ...regionDefaults(),
    ...unreadable(),
  ]
}

/** What the emulator has no answer to: defaults of a region. */
function regionDefaults(): Writing[] {
  const mark = 'region defaults'
  const { production, security, development } = accounts
  const isTidy = ({ account }: Asked) => account === security
  return [
    answered(mark, { service: 'ec2', operation: 'GetEbsDefaultKmsKeyId' }, () =>
      ec2Answer('GetEbsDefaultKmsKeyId', '<kmsKeyId>alias/aws/ebs</kmsKeyId>'),
    ),
    answered(mark, { service: 'ec2', operation: 'GetSnapshotBlockPublicAccessState' }, (asked) =>
      ec2Answer(
        'GetSnapshotBlockPublicAccessState',
        `<state>${isTidy(asked) || (asked.account === production && asked.region === 'eu-west-1') ? 'block-all-sharing' : 'unblocked'}</state>`,
      ),
    ),
    answered(mark, { service: 'ec2', operation: 'GetSerialConsoleAccessStatus' }, (asked) =>
      ec2Answer(
        'GetSerialConsoleAccessStatus',
        `<serialConsoleAccessEnabled>${asked.account === development && asked.region === 'eu-west-1'}</serialConsoleAccessEnabled>`,
      ),
    ),
    answered(mark, { service: 'ec2', operation: 'GetInstanceMetadataDefaults' }, (asked) =>
      ec2Answer(
        'GetInstanceMetadataDefaults',
        isTidy(asked)
          ? '<accountLevel><httpTokens>required</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit></accountLevel>'
          : '<accountLevel/>',
      ),
    ),
  ]
}

/** What an auditor's role is not let into. Every estate has some. */
function unreadable(): Writing[] {
  const { production, development, security, acquired } = accounts
  const scp = 'with an explicit deny in a service control policy'
  const unallowed = (action: string) => `because no identity-based policy allows the ${action} action`
  const vault = `arn:aws:s3:::${buckets.vault}`
  return [
    refused('refused: the bucket keeps auditors out', {
      where: { account: production, service: 's3', operation: new RegExp(`^GET /${buckets.vault}\\?acl$`) },
      action: 's3:GetBucketAcl',
      because: `on resource: "${vault}" with an explicit deny in a resource-based policy`,
    }),
    refused('refused: the bucket keeps auditors out', {
      where: {
        account: production,
        service: 's3',
        operation: new RegExp(`^GET /${buckets.vault}\\?policy$`),
      },
      action: 's3:GetBucketPolicy',
      because: `on resource: "${vault}" with an explicit deny in a resource-based policy`,
    }),
    ...['GetKeyPolicy', 'GetKeyRotationStatus'].map((operation) =>
      refused('refused by a service control policy', {
        where: { account: development, service: 'kms', operation },
        action: `kms:${operation}`,
        because: `on resource: arn:aws:kms:*:${development}:key/* ${scp}`,
      }),
    ),
    refused('refused by a service control policy', {
      where: { account: production, service: 'ec2', operation: 'DescribeInstanceAttribute' },
      action: 'ec2:DescribeInstanceAttribute',
      because: `on resource: arn:aws:ec2:*:${production}:instance/* ${scp}`,
    }),
    ...['GenerateCredentialReport', 'GetCredentialReport'].map((operation) =>
      refused('refused: not in the policy of the role', {
        where: { account: development, service: 'iam', operation },
        action: `iam:${operation}`,
        because: `on resource: * ${unallowed(`iam:${operation}`)}`,
      }),
    ),
    refused('refused: not in the policy of the role', {
      where: { account: security, service: 'account', operation: /getAlternateContact/i },
      action: 'account:GetAlternateContact',
      because: `on resource: arn:aws:account::${security}:account ${unallowed('account:GetAlternateContact')}`,
    }),
    refused('refused: not in the policy of the role', {
      where: {
        account: development,
        region: 'us-east-1',
        service: 'elasticloadbalancing',
        operation: 'DescribeLoadBalancers',
      },
      action: 'elasticloadbalancing:DescribeLoadBalancers',
      because: unallowed('elasticloadbalancing:DescribeLoadBalancers'),
    }),
    {
      mark: 'refused: no such role',
      whole: true,
      fits: ({ account, service }) => account === acquired && service === 'sts',
      // A replay assumes no roles: this is what a scan says where that fails.
      write() {
        const role = `arn:aws:iam::${acquired}:role/stance`
        const who = `arn:aws:sts::${security}:assumed-role/stance-scanner/stance`
        const message = `The role ${role} could not be assumed: User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${role}`
        const wire = errorOnTheWire('sts', 403, 'COLLECT_ASSUME_ROLE_DENIED', message)
        return { status: wire.status, headers: wire.headers, body: wire.body.toString() }
      },
    },
  ]
}

const motoOwner = '75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a'

function withOwnRegions(body: string): string {
  return body.replaceAll(/<item>(?:(?!<\/item>)[\s\S])*<\/item>/g, (item) => {
    const name = /<regionName>([^<]+)</.exec(item)?.[1] ?? ''
    const status = regions.some((one) => one === name) ? 'opt-in-not-required' : 'not-opted-in'
    return item.replace(/<optInStatus>[^<]*</, `<optInStatus>${status}<`)
  })
}

/** AWS lists those of its own policies that are attached; the emulator all thousand. */
function withoutUnusedPolicies(body: string): string {
  const [before, policies, after] = split(body, '<Policies>', '</Policies>')
  const kept = topMembers(policies).filter(
    (one) => !one.includes('<Arn>arn:aws:iam::aws:policy/') || !/<AttachmentCount>0</.test(one),
  )
  return before + kept.join('') + after
}

function split(text: string, from: string, to: string): [string, string, string] {
  const start = text.lastIndexOf(from) + from.length
  const end = text.lastIndexOf(to)
  if (start < from.length || end < start) throw new Error(`no ${from} in the answer`)
  return [text.slice(0, start), text.slice(start, end), text.slice(end)]
}

function topMembers(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: tag, index } of text.matchAll(/<\/?member>/g)) {
    if (tag === '<member>' && depth++ === 0) start = index
    if (tag === '</member>' && --depth === 0) found.push(text.slice(start, index + tag.length))
  }
  return found
}

function withRoleUses(body: string, { account }: Asked, chronicle: Chronicle): string {
  const bare = body.replaceAll(/<RoleLastUsed>[\s\S]*?<\/RoleLastUsed>|<RoleLastUsed\s*\/>/g, '')
  return bare.replaceAll(/<RoleName>([^<]+)<\/RoleName>/g, (element, name: string) => {
    const use = chronicle.roleUses.get(`${account} ${name}`)
    if (use === undefined) return element
    const time = lastUse(use.day, name)
    return `${element}<RoleLastUsed><LastUsedDate>${time}</LastUsedDate><Region>${use.region}</Region></RoleLastUsed>`
  })
}

function withKeyUse(body: string, { input }: Asked, chronicle: Chronicle): string {
  const name = input.AccessKeyId ?? ''
  const use = chronicle.keyUse(name)
  const inner =
    use === undefined
      ? '<ServiceName>N/A</ServiceName><Region>N/A</Region>'
      : `<LastUsedDate>${lastUse(use.day, name)}</LastUsedDate><ServiceName>${use.service}</ServiceName><Region>${use.region}</Region>`
  return body.replace(
    /<AccessKeyLastUsed>[\s\S]*<\/AccessKeyLastUsed>/,
    `<AccessKeyLastUsed>${inner}</AccessKeyLastUsed>`,
  )
}

/** Production keeps its root user behind a hardware key, security behind a virtual one, development not at all. */
function withRoot(body: string, { account }: Asked): string {
  const set = (text: string, key: string, value: number) =>
    text.replace(new RegExp(`(<key>${key}</key>\\s*<value>)\\d+`), `$1${value}`)
  const isBad = account === accounts.development
  let done = set(body, 'AccountMFAEnabled', isBad ? 0 : 1)
  done = set(done, 'AccountAccessKeysPresent', isBad ? 1 : 0)
  return set(done, 'AccountPasswordPresent', 1)
}

function withRootDevice(body: string, { account }: Asked): string {
  if (account !== accounts.security) return body
  const device = `<member><SerialNumber>arn:aws:iam::${account}:mfa/root-account-mfa-device</SerialNumber><EnableDate>2024-11-04T10:12:00Z</EnableDate><User><Path>/</Path><UserId>${account}</UserId><Arn>arn:aws:iam::${account}:root</Arn><CreateDate>2024-11-04T09:30:00Z</CreateDate></User></member>`
  return body
    .replace(/<VirtualMFADevices\s*\/>/, '<VirtualMFADevices></VirtualMFADevices>')
    .replace('<VirtualMFADevices>', `<VirtualMFADevices>${device}`)
}

function withStops(body: string, chronicle: Chronicle): string {
  let done = body
  for (const [id, day] of chronicle.stopped) {
    const start = done.indexOf(`<instanceId>${id}<`)
    const reason = start === -1 ? -1 : done.indexOf('<reason', start)
    if (reason === -1) continue
    const time = atWork(day, id).toISOString().slice(0, 19).replace('T', ' ')
    const rest = done
      .slice(reason)
      .replace(/^<reason\s*\/>|^<reason>[^<]*<\/reason>/, `<reason>User initiated (${time} GMT)</reason>`)
    done = done.slice(0, reason) + rest
  }
  return done
}

function withDeliveries(body: string): string {
  const status = JSON.parse(body) as Record<string, unknown>
  const ago = (minutes: number) => moment.getTime() / 1000 - minutes * 60
  return JSON.stringify({ ...status, LatestDeliveryTime: ago(4), LatestDigestDeliveryTime: ago(38) })
}
