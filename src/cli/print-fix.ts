import type { FindingShown } from '../run/show-finding.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'

/** Words in capitals that AWS takes as they stand. */
const literal = new Set(['ALL', 'HTTPS', 'HTTP_301', 'SECURITY', 'TLS', 'VPC'])

/** The words of commands that a person puts their own values for: `GROUP`, `KEY_ARN`. */
export function placeholdersOf(commands: string): string[] {
  const lines = commands.split('\n').filter((line) => !line.startsWith('#'))
  const words = lines.join('\n').match(/(?<![\w-])[A-Z][A-Z0-9_]{2,}(?![\w-]|::)/g) ?? []
  return [...new Set(words)].filter((word) => !literal.has(word))
}

/** How a command calls the resource that a rule of a table judges, and where its key says it; letters that no shell minds. */
const judged: Readonly<Record<string, readonly [word: string, key: RegExp]>> = {
  aws_cloudtrail: ['TRAIL', /:cloudtrail:[^:]+:\d+:trail\/([\w.-]+)$/],
  aws_ebs_volume: ['VOLUME', /:volume\/(vol-\w+)$/],
  aws_iam_group: ['GROUP', /:iam::\d+:group\/(?:.*\/)?([\w+=,.@-]+)$/],
  aws_iam_policy: ['POLICY_ARN', /^(arn:[\w-]+:iam::\w+:policy\/[\w+=,.@/-]+)$/],
  aws_iam_role: ['ROLE', /:iam::\d+:role\/(?:.*\/)?([\w+=,.@-]+)$/],
  aws_iam_user: ['USER', /:iam::\d+:user\/(?:.*\/)?([\w+=,.@-]+)$/],
  aws_instance: ['INSTANCE', /:instance\/(i-\w+)$/],
  aws_kms_key: ['KEY', /:kms:[^:]+:\d+:key\/([\w-]+)$/],
  aws_lb: ['LOAD_BALANCER_ARN', /^(arn:[\w-]+:elasticloadbalancing:[\w:/-]+)$/],
  aws_network_acl: ['ACL', /:network-acl\/(acl-\w+)$/],
  aws_s3_bucket: ['BUCKET', /^arn:[\w-]+:s3:::([\w.-]+)$/],
  aws_security_group: ['GROUP', /:security-group\/(sg-\w+)$/],
  aws_subnet: ['SUBNET', /:subnet\/(subnet-\w+)$/],
  aws_vpc: ['VPC_ID', /:vpc\/(vpc-\w+)$/],
}

interface Known {
  account_id?: string
  region?: string
  table_name?: string
  resource_key?: string
}

/** Of services that have one place for all regions. */
const everywhere = new Set(['iam', 'organizations', 'route53', 'cloudfront'])

/** The commands with what a finding knows: the resource, the account, and the region where none is said. */
export function fillCommands(
  commands: string,
  { account_id = '', region = '', table_name = '', resource_key = '' }: Known,
): string {
  let filled = commands
  const [word, key] = judged[table_name] ?? []
  const name = key?.exec(resource_key)?.[1]
  if (word !== undefined && name !== undefined)
    filled = filled.replace(new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'g'), () => name)
  if (/^\d{12}$/.test(account_id))
    filled = filled.replace(/(?<=--account-id |--target-principal |arn:aws:iam::)ACCOUNT\b/g, account_id)
  if (!isRegion(region)) return filled
  if (filled.includes('--region')) return filled.replace(/(?<=--region )REGION\b/g, region)
  return filled
    .split('\n')
    .map((line) =>
      line.startsWith('#')
        ? line
        : line.replace(/\baws ([a-z0-9-]+) [a-z][a-z0-9-]*(?=\s|$)/g, (call, service) =>
            everywhere.has(service) ? call : `${call} --region ${region}`,
          ),
    )
    .join('\n')
}

function isRegion(region: string): boolean {
  return /^[a-z]+(-[a-z0-9]+)+$/.test(region)
}

/** Commands and code stay as they were written, so that they can be copied; of a finding is filled in what it knows. */
export function printFix(out: Screen, fix: NonNullable<FindingShown['fix']>, known: Known = {}): void {
  const { palette } = out
  const commands = fillCommands(fix.cli, known)
  const own = placeholdersOf(commands)
  const cli = own.length === 0 ? 'CLI' : `CLI, with your values for ${own.join(', ')}`
  out.line(ink`  ${palette.dim('Console')}`)
  for (const line of fix.console.trimEnd().split('\n')) out.prose(line, 4)
  for (const [way, steps] of [
    [cli, commands],
    ['Terraform', fix.terraform],
  ] as const) {
    out.line(ink`  ${palette.dim(way)}`)
    for (const line of steps.trimEnd().split('\n')) out.line(ink`    ${line}`)
  }
}
