import { errorOnTheWire } from '../../src/collect/aws/wire-error.ts'
import { careless, regions } from './estate.ts'

export interface Asked {
  accountId: string
  region: string
  operation: string
  body: string
  /** Keys that sign, and do not rotate. */
  signingKeys: ReadonlySet<string>
}

interface Got {
  status: number
  headers: Record<string, string>
  body: string
}

interface Written {
  mark: string
  body: string
  status?: number
  headers?: Record<string, string>
}

const reportedAt = new Date().toISOString().replace(/\.\d+/, '')

const ec2 = (operation: string, inner: string) =>
  `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>recorded</requestId>${inner}</${operation}Response>`

/** Whole answers that the emulator has not. */
const whole: Record<string, (asked: Asked, isCareless: boolean) => string> = {
  GetEbsDefaultKmsKeyId: () => '<kmsKeyId>alias/aws/ebs</kmsKeyId>',
  GetSnapshotBlockPublicAccessState: (_, isCareless) =>
    `<state>${isCareless ? 'unblocked' : 'block-all-sharing'}</state>`,
  GetSerialConsoleAccessStatus: (_, isCareless) =>
    `<serialConsoleAccessEnabled>${isCareless}</serialConsoleAccessEnabled>`,
  GetInstanceMetadataDefaults: (_, isCareless) =>
    isCareless ? '<accountLevel/>' : '<accountLevel><httpTokens>required</httpTokens></accountLevel>',
}

/** What the emulator answers otherwise than AWS does, and what it does not know. */
export function rewrite(asked: Asked, got: Got): Written | undefined {
  const isCareless = asked.accountId === careless
  const written = whole[asked.operation]
  if (written !== undefined) {
    const body = ec2(asked.operation, written(asked, isCareless))
    return { mark: 'region defaults', status: 200, headers: { 'content-type': 'text/xml' }, body }
  }
  if (asked.operation === 'DescribeRegions')
    return { mark: 'regions opted in', body: withOwnRegions(got.body) }
  if (asked.operation === 'GetKeyRotationStatus' && asked.signingKeys.has(JSON.parse(asked.body).KeyId)) {
    const wire = errorOnTheWire('kms', 400, 'UnsupportedOperationException', 'The key cannot rotate.')
    return { mark: 'cannot rotate', ...wire, body: wire.body.toString() }
  }
  if (asked.operation === 'POST /listRegions') return { mark: 'regions opted in', ...optedIn() }
  if (asked.operation === 'GetAccountSummary')
    return { mark: 'root user', body: withRoot(got.body, isCareless) }
  if (asked.operation === 'GenerateCredentialReport')
    return { mark: 'credential report', body: got.body.replace('STARTED', 'COMPLETE') }
  if (asked.operation === 'GetCredentialReport')
    // The emulator's report is always of 2015.
    return { mark: 'credential report', body: withRootLine(got.body, asked.accountId) }
  if (asked.operation === 'ListAccessKeys')
    return {
      mark: 'one page',
      body: got.body.replace(
        '</ListAccessKeysResult>',
        '<IsTruncated>false</IsTruncated></ListAccessKeysResult>',
      ),
    }
  return undefined
}

/** Every report of AWS has the root user. */
function withRootLine(body: string, accountId: string): string {
  return body
    .replace(/(<GeneratedTime>)[^<]*/, `$1${reportedAt}`)
    .replace(/<Content>([^<]*)</, (_, content: string) => {
      const [names = '', ...lines] = Buffer.from(content, 'base64').toString().trim().split('\n')
      const known: Record<string, string> = {
        user: '<root_account>',
        arn: `arn:aws:iam::${accountId}:root`,
        password_last_used: accountId === careless ? reportedAt : 'no_information',
      }
      const root = names.split(',').map((name) => known[name] ?? 'N/A')
      return `<Content>${Buffer.from([names, root.join(','), ...lines].join('\n')).toString('base64')}<`
    })
}

function withOwnRegions(body: string): string {
  return body.replaceAll(/<item>(?:(?!<\/item>)[\s\S])*<\/item>/g, (item) => {
    const name = /<regionName>([^<]+)</.exec(item)?.[1] ?? ''
    const isOurs = regions.some((one) => one === name)
    return item.replace(/<optInStatus>[^<]*</, `<optInStatus>${isOurs ? 'opted-in' : 'not-opted-in'}<`)
  })
}

function optedIn() {
  const Regions = regions.map((RegionName) => ({ RegionName, RegionOptStatus: 'ENABLED' }))
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Regions }),
  }
}

function withRoot(body: string, isCareless: boolean): string {
  const values = {
    AccountMFAEnabled: isCareless ? 0 : 1,
    AccountAccessKeysPresent: isCareless ? 1 : 0,
    AccountPasswordPresent: 1,
  }
  let done = body
  for (const [key, value] of Object.entries(values))
    done = done.replace(new RegExp(`(<key>${key}</key>\\s*<value>)\\d+`), `$1${value}`)
  return done
}

const second = 'second-page'
const uncut = { cut: () => undefined }

/** The emulator gives everything on one page: listings that people have many of are cut in two. */
export function cutPages(
  { operation }: Asked,
  body: string,
): { sent: string; cut: (answer: string) => string | undefined } {
  const isSecond = body.includes(second)
  switch (operation) {
    case 'DescribeSecurityGroups':
    case 'DescribeSubnets':
    case 'DescribeVolumes':
      if (/(GroupId|SubnetId|VolumeId)\.1=/.test(body)) return { sent: body, ...uncut }
      return { sent: body.replace(`NextToken=${second}`, ''), cut: (answer) => cutItems(answer, isSecond) }
    case 'GetAccountAuthorizationDetails':
      return { sent: body.replace(`Marker=${second}`, ''), cut: (answer) => cutDetails(answer, isSecond) }
    case 'ListKeys':
      return { sent: body.replace(`"${second}"`, 'null'), cut: (answer) => cutKeys(answer, isSecond) }
    default:
      return { sent: body, ...uncut }
  }
}

function cutItems(answer: string, isSecond: boolean): string | undefined {
  const list = /<(securityGroupInfo|subnetSet|volumeSet)>([\s\S]*)<\/\1>/.exec(answer)
  if (list === null) return undefined
  const items = topItems(list[2]!)
  const half = Math.ceil(items.length / 2)
  const kept = isSecond ? items.slice(half) : items.slice(0, half)
  const more = isSecond || items.length < 2 ? '' : `<nextToken>${second}</nextToken>`
  return answer.replace(list[0], `<${list[1]}>${kept.join('')}</${list[1]}>${more}`)
}

function topItems(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: tag, index } of text.matchAll(/<\/?item>/g)) {
    if (tag === '<item>' && depth++ === 0) start = index
    if (tag === '</item>' && --depth === 0) found.push(text.slice(start, index + tag.length))
  }
  return found
}

/** Users and groups first, then roles and policies. */
function cutDetails(answer: string, isSecond: boolean): string {
  const others = isSecond ? ['UserDetailList', 'GroupDetailList'] : ['RoleDetailList', 'Policies']
  let done = answer
    .replace(/<IsTruncated>[^<]*</, `<IsTruncated>${!isSecond}<`)
    .replace(/<Marker>[^<]*<\/Marker>/, '')
  for (const name of others) {
    const start = done.indexOf(`<${name}>`)
    const end = done.lastIndexOf(`</${name}>`)
    if (start !== -1) done = `${done.slice(0, start)}<${name}>${done.slice(end)}`
  }
  return isSecond ? done : done.replace('</IsTruncated>', `</IsTruncated><Marker>${second}</Marker>`)
}

function cutKeys(answer: string, isSecond: boolean): string | undefined {
  const { Keys = [] } = JSON.parse(answer) as { Keys?: unknown[] }
  if (Keys.length < 2) return undefined
  return JSON.stringify(
    isSecond
      ? { Keys: Keys.slice(1), Truncated: false }
      : { Keys: Keys.slice(0, 1), Truncated: true, NextMarker: second },
  )
}
