import { expect, it } from 'vitest'
import { tables } from '../collect/tables.generated.ts'
import { loadDeclared } from './open-stance.ts'
import { servicesOf, serviceWords, tablesOfServices } from './service-words.ts'

it('one word means the tables of a service wherever it is given', async () => {
  const { set } = await loadDeclared({ disabled: [], params: {}, only_on: {}, never_on: {}, directories: [] })
  const of = (word: string) => [...tablesOfServices([word], set)]
  expect(of('s3')).toEqual(expect.arrayContaining([...of('s3control'), 'aws_s3_bucket']))
  expect(of('s3control')).not.toContain('aws_s3_bucket')
  expect(of('elbv2')).toEqual(of('elasticloadbalancingv2'))
  expect(of('elbv2')).toContain('aws_lb')
  expect(serviceWords([])).toEqual(expect.arrayContaining(['ec2', 's3', 's3control']))
  // No table is of it, and rules are.
  expect(tables.some(({ service }) => service === 'account')).toBe(false)
  expect(of('account')).toEqual(['aws_account'])
  for (const word of servicesOf(set)) expect(of(word), word).not.toEqual([])
})
