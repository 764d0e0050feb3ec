import { expect, it } from 'vitest'
import { carryOptions } from './carry-options.ts'
import { list } from './options.ts'
import { fillCommands, placeholdersOf } from './print-fix.ts'
import { repeatFilters } from './repeat-filters.ts'

it('the demo goes on by being scanned again', () => {
  const hint = '`stance scan --resume` reads the rest.'
  expect(carryOptions(hint, { demo: true, config: undefined })).toBe('`stance demo` reads the rest.')
  expect(carryOptions(hint, { demo: false, config: 'a b.yaml' })).toBe(
    "`stance scan --resume --config 'a b.yaml'` reads the rest.",
  )
})

it('filters are repeated as a shell takes them', () => {
  const options = {
    severity: ['high', 'low'],
    resource: `$(x)'s`,
    at: new Date('2026-01-02T00:00:00Z'),
    all: true,
  }
  expect(repeatFilters(options, ['severity', 'resource', 'region', 'at'])).toBe(
    String.raw` --severity high,low --resource '$(x)'\''s' --at 2026-01-02`,
  )
})

it('what a fix leaves to fill in is told from what AWS takes in capitals', () => {
  const commands = `# With the KEY:
aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --log-destination arn:aws:s3:::BUCKET
aws s3api x --mfa "arn:aws:iam::ACCOUNT:mfa/DEVICE CODE" --types AWS::S3::Object --ssl ELBSecurityPolicy-TLS13-1-2`
  expect(placeholdersOf(commands)).toEqual(['VPC_ID', 'BUCKET', 'ACCOUNT', 'DEVICE', 'CODE'])
})

it('a fix has the resource, account and region that the finding knows, and nothing that is not its own', () => {
  const bucket = { table_name: 'aws_s3_bucket', region: 'eu-west-1', account_id: '111122223333' }
  const commands = `# Of BUCKET:
aws s3api put-x --bucket BUCKET --to LOG_BUCKET --policy "arn:aws:s3:::BUCKET/*" --mfa arn:aws:iam::ACCOUNT:mfa/x
aws iam get-role --role-name ROLE`
  expect(fillCommands(commands, { ...bucket, resource_key: 'arn:aws:s3:::acme.logs' })).toBe(`# Of acme.logs:
aws s3api put-x --region eu-west-1 --bucket acme.logs --to LOG_BUCKET --policy "arn:aws:s3:::acme.logs/*" --mfa arn:aws:iam::111122223333:mfa/x
aws iam get-role --role-name ROLE`)
  // A finding about a cell that is unread is about no bucket.
  const cell = { ...bucket, region: 'global', resource_key: 'arn:aws:account::111122223333:account' }
  expect(fillCommands('aws s3api x --bucket BUCKET', cell)).toBe('aws s3api x --bucket BUCKET')
  const told = 'aws ec2 x --region REGION\naws ec2 y --id INSTANCE --region REGION'
  const instance = {
    table_name: 'aws_instance',
    resource_key: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1',
  }
  expect(fillCommands(told, { ...instance, region: 'eu-west-1' })).toBe(
    'aws ec2 x --region eu-west-1\naws ec2 y --id i-0a1 --region eu-west-1',
  )
  const hostile = { ...bucket, resource_key: 'arn:aws:s3:::x;rm -rf ~' }
  expect(fillCommands('aws s3api x --bucket BUCKET', hostile)).not.toContain('rm')
})

it('a comma of a value is written with a backslash, and said so again', () => {
  const given = list('<key=value>', '').read([String.raw`team=a\,b,env=x`], '--tag')
  expect(given).toEqual(['team=a,b', 'env=x'])
  expect(repeatFilters({ tag: given }, ['tag'])).toBe(String.raw` --tag 'team=a\,b,env=x'`)
})
