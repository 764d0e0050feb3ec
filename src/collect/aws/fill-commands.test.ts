import { expect, it } from 'vitest'
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
