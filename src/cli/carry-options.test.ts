import { expect, it } from 'vitest'
import { carryOptions } from './carry-options.ts'
import { placeholdersOf } from './print-fix.ts'
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
