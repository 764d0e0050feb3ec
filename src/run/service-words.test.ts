import { expect, it } from 'vitest'
import { tables } from '../collect/tables.generated.ts'
import { isOfService, serviceWords } from './service-words.ts'

it('one word means the tables of a service wherever it is given', () => {
  const of = (word: string) =>
    tables.filter(({ service }) => isOfService(service, [word])).map(({ name }) => name)
  expect(of('s3')).toEqual(expect.arrayContaining([...of('s3control'), 'aws_s3_bucket']))
  expect(of('s3control')).not.toContain('aws_s3_bucket')
  expect(of('elbv2')).toEqual(of('elasticloadbalancingv2'))
  expect(of('elbv2')).toContain('aws_lb')
  expect(serviceWords(['s3control', 'ec2'])).toEqual(['ec2', 's3', 's3control'])
})
