import { expect, it } from 'vitest'
import { shownFix } from '../../run/shown-fix.ts'
import { fillCommands, placeholdersOf } from './fill-commands.ts'

it('what a fix leaves to fill in is told from what AWS takes in capitals', () => {
  const commands = `# With the KEY:
aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --log-destination arn:aws:s3:::BUCKET
aws s3api x --mfa "arn:aws:iam::ACCOUNT:mfa/DEVICE CODE" --types AWS::S3::Object --ssl ELBSecurityPolicy-TLS13-1-2`
  expect(placeholdersOf(commands)).toEqual(['VPC_ID', 'BUCKET', 'ACCOUNT', 'DEVICE', 'CODE'])
})

it('a fix has the resource, account and region that the finding knows, and nothing that is not its own', () => {
  const bucket = {
    word: 'BUCKET',
    native_id: 'acme.logs',
    region: 'eu-west-1',
    account_id: '111122223333',
  }
  const commands = `# Of BUCKET:
aws s3api put-x --bucket BUCKET --to LOG_BUCKET --policy "arn:aws:s3:::BUCKET/*" --mfa arn:aws:iam::ACCOUNT:mfa/x
aws iam get-role --role-name ROLE`
  expect(fillCommands(commands, bucket)).toBe(`# Of acme.logs:
aws s3api put-x --region eu-west-1 --bucket acme.logs --to LOG_BUCKET --policy "arn:aws:s3:::acme.logs/*" --mfa arn:aws:iam::111122223333:mfa/x
aws iam get-role --role-name ROLE`)
  // A finding about a cell that is unread is about no bucket.
  const cell = { ...bucket, region: 'global', native_id: '' }
  expect(fillCommands('aws s3api x --bucket BUCKET', cell)).toBe('aws s3api x --bucket BUCKET')
  const told = 'aws ec2 x --region REGION\naws ec2 y --id INSTANCE --region REGION'
  const instance = { ...bucket, word: 'INSTANCE', native_id: 'i-0a1' }
  expect(fillCommands(told, instance)).toBe(
    'aws ec2 x --region eu-west-1\naws ec2 y --id i-0a1 --region eu-west-1',
  )
  const hostile = { ...bucket, native_id: 'x;rm -rf ~' }
  expect(fillCommands('aws s3api x --bucket BUCKET', hostile)).not.toContain('rm')
})

it('a file of a fix is named after the resource, whatever its id is made of', () => {
  const policy = {
    word: 'POLICY_ARN',
    native_id: 'arn:aws:iam::111122223333:policy/team/deploy',
    region: 'global',
    account_id: '111122223333',
  }
  const commands = 'aws iam x --policy-arn POLICY_ARN --policy-document file://aws-iam-x.POLICY_ARN.json'
  expect(fillCommands(commands, policy)).toBe(
    `aws iam x --policy-arn ${policy.native_id} --policy-document file://aws-iam-x.arn_aws_iam__111122223333_policy_team_deploy.json`,
  )
  expect(placeholdersOf('aws iam x --trust {"AWS": "ROLE"} > aws-iam-x.ROLE.NAME.json')).toEqual([
    'ROLE',
    'NAME',
  ])
  const account = '"Condition": {"StringEquals": {"aws:SourceAccount": "ACCOUNT"}}'
  expect(fillCommands(account, policy)).toContain('"aws:SourceAccount": "111122223333"')
})

it('a name in capitals is no place to fill in, and one that begins with a dash no option', () => {
  const cli = `aws iam detach-role-policy --role-name ROLE --policy-arn POLICY_ARN
aws iam get-role --role-name ROLE > aws-iam-x.ROLE.json
aws iam put-x --role-name ROLE_TWO "arn:aws:iam::ACCOUNT:role/ROLE"`
  const fix = { console: '', cli, terraform: '' }
  const role = { word: 'ROLE', region: 'global', account_id: '111122223333' }
  for (const native_id of ['ADMIN', 'POLICY_ARN_OF', 'deploy', '-x', 'ROLE'])
    expect(shownFix(fix, { ...role, native_id }).cli_values, native_id).toEqual(['POLICY_ARN', 'ROLE_TWO'])
  expect(shownFix(fix, { ...role, native_id: '' }).cli_values).toEqual(['ROLE', 'POLICY_ARN', 'ROLE_TWO'])
  expect(shownFix(fix).cli_values).toEqual(['ROLE', 'POLICY_ARN', 'ROLE_TWO', 'ACCOUNT'])
  expect(shownFix(fix, { ...role, native_id: '-x' }).cli).toBe(
    `aws iam detach-role-policy --role-name=-x --policy-arn POLICY_ARN
aws iam get-role --role-name=-x > aws-iam-x.-x.json
aws iam put-x --role-name ROLE_TWO "arn:aws:iam::111122223333:role/-x"`,
  )
})
