import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../core/json.ts'
import { commonText, restsAfter } from './common-text.ts'
import { describePolicy, type PolicyMeaning } from './describe-policy.ts'
import { parsePolicy } from './parse-policy.ts'
import { matches, toCodes, toPattern } from './pattern.ts'

const account = '111122223333'

function meaningOf(statements: readonly JsonObject[]): PolicyMeaning {
  const found = parsePolicy(
    { Version: '2012-10-17', Statement: [...statements] },
    { accountId: account, partition: 'aws' },
  )
  if (!found.ok) throw new Error(found.message)
  return describePolicy(found.policy)
}

const letters = ['', 'a', 'b', 'c']
const words = letters.flatMap((one) =>
  letters.flatMap((two) => letters.flatMap((three) => letters.map((four) => one + two + three + four))),
)

test('two patterns have a text in common if, and only if, some text fits both; it is one of those', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 })
  fc.assert(
    fc.property(pattern, pattern, (left, right) => {
      const [one, other] = [toPattern(left), toPattern(right)]
      const found = commonText(one, other)
      const fitting = words.some((word) => matches(one, toCodes(word)) && matches(other, toCodes(word)))
      if (fitting) expect(found).toBeDefined()
      if (found !== undefined) {
        expect(matches(one, found)).toBe(true)
        expect(matches(other, found)).toBe(true)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('what follows a beginning is what its texts go on with', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 5 })
  const beginning = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 })
  fc.assert(
    fc.property(pattern, beginning, (text, begin) => {
      const rests = restsAfter(toPattern(text), toCodes(begin))
      for (const word of words) {
        expect(rests.some((rest) => matches(rest, toCodes(word)))).toBe(
          matches(toPattern(text), toCodes(begin + word)),
        )
      }
    }),
    { numRuns: 500 },
  )
})

const targets = ['aa', 'ab', 'ba', 'bb', 'ca', 'abc', 'bab']
const names = fc.constantFrom('a*', 'b*', '*a', '*b', '?b', 'a?', 'ab', '*ab*')
const rights = fc.constantFrom('iam:PutRolePolicy', 'iam:CreateRole', 'iam:P*', 'iam:Cr*')
const statement = (effect: 'Allow' | 'Deny') =>
  fc.record({
    Effect: fc.constant(effect),
    actions: fc.uniqueArray(rights, { minLength: 1, maxLength: 2 }),
    names: fc.uniqueArray(names, { minLength: 1, maxLength: 2 }),
    // An Allow of all but some is all rights by itself.
    isNot: effect === 'Deny' ? fc.boolean() : fc.constant(false),
  })
const document = fc.tuple(
  fc.array(statement('Allow'), { minLength: 1, maxLength: 3 }),
  fc.array(statement('Deny'), { maxLength: 3 }),
)

test('writing and becoming meet if, and only if, there is a role for both by trial', () => {
  fc.assert(
    fc.property(document, ([allows, denies]) => {
      const fits = (pattern: string, text: string): boolean => matches(toPattern(pattern), toCodes(text))
      const isNamed = (one: (typeof allows)[number], action: string, target: string): boolean =>
        one.actions.some((pattern) => fits(pattern, action)) &&
        one.names.some((pattern) => fits(pattern, target)) !== one.isNot
      const may = (action: string, target: string): boolean =>
        allows.some((one) => isNamed(one, action, target)) &&
        !denies.some((one) => isNamed(one, action, target))
      const becoming = ['iam:CreateRole', 'iam:UpdateAssumeRolePolicy', 'sts:AssumeRole']
      const writing = ['iam:PutRolePolicy', 'iam:AttachRolePolicy']
      const all = [...targets, ...words.filter((word) => word !== '')]
      const tried = all.some(
        (target) =>
          writing.some((action) => may(action, target)) && becoming.some((action) => may(action, target)),
      )
      const statements = [...allows, ...denies].map(({ Effect, actions, names, isNot }) => ({
        Effect,
        Action: actions,
        [isNot ? 'NotResource' : 'Resource']: names.map((name) => `arn:aws:iam::${account}:role/${name}`),
      }))
      expect(meaningOf(statements).allows_privilege_escalation).toBe(tried)
    }),
    { numRuns: 1_000 },
  )
})

test('hostile patterns cost little', () => {
  const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`
  const long = (end: string): string => role(`${'*a?'.repeat(600)}${end}`)
  const many = (begin: string, end: string): string[] =>
    Array.from({ length: 1_000 }, (_, nr) => role(`*${begin}${nr}*${end}`))
  const documents = [
    [long('b'), long('c')],
    [long('*b'), long('*')],
    [many('a', 'b'), many('b', 'a')],
    [many('a', 'b'), many('b', 'b')],
  ]
  for (const [written, made] of documents) {
    const from = performance.now()
    meaningOf([
      { Effect: 'Allow', Action: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'], Resource: written! },
      { Effect: 'Allow', Action: ['iam:CreateRole', 'sts:AssumeRole'], Resource: made! },
      { Effect: 'Deny', Action: 'iam:P*', Resource: role('a*') },
      { Effect: 'Deny', Action: ['iam:C*', 'sts:*'], NotResource: role('a*') },
    ])
    expect(performance.now() - from).toBeLessThan(5_000)
  }
})

test('hostile conditions cost little', () => {
  const policies = (count: number, name: (nr: number) => string): string[] =>
    Array.from({ length: count }, (_, nr) => `arn:*:iam::*:policy/${name(nr)}`)
  const documents = [
    [policies(2_000, (nr) => `*b*${nr}*c`), policies(2_000, (nr) => `*c*${nr}*d`)],
    [
      policies(20, (nr) => `${'*a?'.repeat(1_300)}${nr}`),
      policies(20, (nr) => `${'*b?'.repeat(1_300)}${nr}`),
    ],
    [policies(2_000, (nr) => `${nr}*`), ['*']],
  ]
  for (const [named, written] of documents) {
    const from = performance.now()
    meaningOf([
      {
        Effect: 'Allow',
        Action: ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy'],
        Resource: `arn:aws:iam::${account}:role/app-*`,
        Condition: { StringLike: { 'iam:PermissionsBoundary': named!, 'iam:PolicyARN': named! } },
      },
      { Effect: 'Allow', Action: 'iam:CreatePolicy', Resource: written! },
    ])
    expect(performance.now() - from).toBeLessThan(5_000)
  }
})
