import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { choice, list, switched, text } from '../options.ts'

const options = {
  account: list('<id>', 'read only this account'),
  region: list('<region>', 'read only this region; `global` for what belongs to no region'),
  service: list('<name>', 'read only this service (s3, iam, ec2, …)'),
  table: list('<name>', 'read only this table'),
  rule: list('<id>', 'read only what this rule needs'),
  resume: switched('go on with an interrupted scan: skip what it has read whole'),
  failOn: choice(
    '<severity>',
    ['critical', 'high', 'medium', 'low', 'info', 'never'],
    'end with 1 if a finding of at least this severity fails (default: `scan.fail_on`, high); `never` ends with 0 whatever is found, and goes with no --fail-on-unknown',
  ),
  failOnUnknown: switched('end with 3 if a finding that is, or may be, of that severity is unknown'),
  faults: { ...text('<faults>', 'inject faults: ec2:DescribeSubnets@eu-west-1=denied'), hidden: true },
} as const

export type ScanContext = CommandContext<typeof options>

export const scan: Command = defineCommand({
  name: 'scan',
  title: 'Read your accounts and judge them',
  about: `Reads with the credentials that the AWS CLI would use, or with the connections in stance.yaml, and changes nothing. Findings appear as soon as the table of a region has been read; \`stance findings\` may run meanwhile.

What could not be read is never taken for empty or for fine: the findings that depend on it are unknown, and the end of the scan says which permission would settle them.

What a narrowed scan leaves out stays as it was. A table is read together with the tables that its facts are made of: of instances, \`is_public\` needs their network interfaces, subnets, security groups and load balancers.`,
  options,
  withoutDemo: 'A scan reads a cloud; the demo is scanned by `stance demo`.',
  json: 'a line of JSON for each step, the last one with the result',
  examples: [
    ['stance scan', 'Everything that your credentials can read'],
    ['AWS_PROFILE=audit stance scan --region eu-west-1 --service ec2,kms', 'With a profile, and less of it'],
    [
      'stance scan --fail-on critical --fail-on-unknown',
      'In a pipeline: 1 if something critical fails, 3 if that cannot be told',
    ],
    ['stance scan --json', 'A line of JSON for each step, the last one with the result'],
    ['stance scan --resume', 'After Ctrl-C'],
  ],
  exits: {
    0: 'nothing fails at or above --fail-on',
    1: 'something of that severity fails',
    2: 'it could not run, could enter no account, or all accounts are off',
    3: 'with --fail-on-unknown: nothing of that severity fails, but something may, or an account could not be entered, or a connection not be used',
    130: 'ended by Ctrl-C; `stance scan --resume` goes on',
  },
  async run(context) {
    const { runScan } = await import('../run-scan.ts')
    return runScan(context)
  },
})
