import { expect, test } from 'vitest'
import { describePolicy } from './describe-policy.ts'
import { bucketContext, meanings } from './meanings.data.ts'
import { parsePolicy } from './parse-policy.ts'

test('there are enough of them, and no two are called the same', () => {
  expect(meanings.length).toBeGreaterThan(120)
  expect(new Set(meanings.map((meaning) => meaning.what)).size).toBe(meanings.length)
})

test.each(meanings)('$what', ({ statements, version, context, means }) => {
  const text = JSON.stringify({ Version: version ?? '2012-10-17', Statement: statements })
  const found = parsePolicy(text, context ?? bucketContext)
  if (!found.ok) throw new Error(`${found.problem}: ${found.message}`)
  expect(describePolicy(found.policy)).toMatchObject(means)
})
