import { expect, it } from 'vitest'
import { nearest } from './nearest.ts'

it('finds what was probably meant', () => {
  const names = ['aws_lb', 'aws_s3_bucket', 'aws_s3_bucket_policy_statement', 'aws_subnet']
  expect(nearest('aws_s3_bukcet', names)).toBe('aws_s3_bucket')
  expect(nearest('AWS_LBS', names)).toBe('aws_lb')
  expect(nearest('aws_s3', names)).toBe('aws_s3_bucket')
  expect(nearest('key', ['resource_key', 'tag_key', 'tag_value'])).toBe('tag_key')
  expect(nearest('google_storage_bucket', names)).toBeUndefined()
})
