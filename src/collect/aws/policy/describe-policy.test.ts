import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describePolicy } from './describe-policy.ts'
import { bucketContext, meanings } from './meanings.data.ts'
import { parsePolicy } from './parse-policy.ts'

test('there are enough of them, and no two are called the same', () => {
  expect(meanings.length).toBeGreaterThan(2_000)
  expect(new Set(meanings.map((meaning) => meaning.what)).size).toBe(meanings.length)
})

test.each(meanings)('$what', ({ statements, version, context, means }) => {
  const text = JSON.stringify({ Version: version ?? '2012-10-17', Statement: statements })
  const found = parsePolicy(text, context ?? bucketContext)
  if (!found.ok) throw new Error(`${found.problem}: ${found.message}`)
  expect(describePolicy(found.policy)).toMatchObject(means)
})

test('the examples of the guide are what the guide says', () => {
  const guide = readFileSync(new URL('../../../../docs/guide/meaning-of-public.md', import.meta.url), 'utf8')
  const examples = [...guide.matchAll(/^```json (public|not public)\n([^`]*)^```/gm)]
  expect(examples.length).toBeGreaterThan(2)
  for (const [, says, text = ''] of examples) {
    const found = parsePolicy(text, bucketContext)
    if (!found.ok) throw new Error(`${found.message} ${text}`)
    expect(describePolicy(found.policy).is_public, text).toBe(says === 'public')
  }
})
