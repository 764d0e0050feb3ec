import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../core/json.ts'
import { describePolicy } from './describe-policy.ts'
import { bucketContext } from './meanings.data.ts'
import { parsePolicy } from './parse-policy.ts'
import type { PolicyStatement } from './policy.ts'

const open = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }

function statementsOf(document: string | JsonObject): readonly PolicyStatement[] {
  const found = parsePolicy(document, bucketContext)
  if (!found.ok) throw new Error(found.message)
  return found.policy.statements
}

function problemOf(document: string | JsonObject): string {
  const found = parsePolicy(document, bucketContext)
  if (found.ok) return 'none'
  expect(found.message).toMatch(/^[A-Z].*\.$/)
  return found.problem
}

function withStatement(statement: unknown): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statement })
}

describe('what is not a policy gives a problem, never an exception', () => {
  test.each([
    ['no JSON', '{', 'not_json'],
    ['half a string', '{"a', 'not_json'],
    ['text', 'allow everything', 'not_json'],
    ['a wrong escape in a key', '{"\\x": 1}', 'not_json'],
    ['a list', '[]', 'malformed'],
    ['null', 'null', 'malformed'],
    ['a number', '7', 'malformed'],
    ['an empty object', '{}', 'malformed'],
    ['statement null', withStatement(null), 'malformed'],
    ['statement text', withStatement('Allow'), 'malformed'],
    ['no effect', withStatement({ Action: '*', Resource: '*' }), 'malformed'],
    ['another effect', withStatement({ ...open, Effect: 'Maybe' }), 'malformed'],
    ['no action', withStatement({ Effect: 'Allow', Resource: '*' }), 'malformed'],
    ['Action and NotAction', withStatement({ ...open, NotAction: 's3:*' }), 'malformed'],
    ['Resource and NotResource', withStatement({ ...open, NotResource: '*' }), 'malformed'],
    ['Principal and NotPrincipal', withStatement({ ...open, NotPrincipal: '*' }), 'malformed'],
    ['action null', withStatement({ ...open, Action: null }), 'malformed'],
    ['action an object', withStatement({ ...open, Action: { s3: '*' } }), 'malformed'],
    ['a list in a list', withStatement({ ...open, Action: [['s3:*']] }), 'malformed'],
    ['principal null', withStatement({ ...open, Principal: null }), 'malformed'],
    ['condition a list', withStatement({ ...open, Condition: [] }), 'malformed'],
    ['condition null', withStatement({ ...open, Condition: null }), 'malformed'],
    ['operator null', withStatement({ ...open, Condition: { Bool: null } }), 'malformed'],
    [
      'value null',
      withStatement({ ...open, Condition: { Bool: { 'aws:SecureTransport': null } } }),
      'malformed',
    ],
    ['a key twice', '{"Statement":[],"Statement":[]}', 'duplicate_keys'],
    ['a key twice, once escaped', '{"Statement":[],"\\u0053tatement":[]}', 'duplicate_keys'],
    ['an operator twice', `{"Statement":{"Condition":{"Bool":{},"Bool":{}}}}`, 'duplicate_keys'],
    ['an element in two cases', '{"Statement":[],"statement":[]}', 'duplicate_keys'],
    ['very deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'too_deep'],
    ['deep objects', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`, 'too_deep'],
    ['huge', JSON.stringify({ Statement: [{ ...open, Sid: 'x'.repeat(300_000) }] }), 'too_large'],
    ['many statements', withStatement(Array.from({ length: 2_001 }, () => ({ Effect: 1 }))), 'too_large'],
    ['a long value', withStatement({ ...open, Action: 'x'.repeat(5_000) }), 'too_large'],
    ['wrongly encoded', '%7B%22Statement%', 'not_json'],
  ])('%s', (_, document, problem) => {
    expect(problemOf(document)).toBe(problem)
  })

  test('a huge object is refused like a huge text', () => {
    const Action = Array.from({ length: 30_000 }, (_, nr) => `s3:Get${nr}`)
    expect(problemOf({ Statement: { ...open, Action } })).toBe('too_large')
  })

  test('the same key in different objects is no double key', () => {
    const Condition = { StringLike: { 'aws:Referer': 'x' }, StringEquals: { 'aws:Referer': 'x' } }
    expect(problemOf(withStatement([{ ...open, Condition }, open]))).toBe('none')
  })
})

describe('what AWS accepts is read', () => {
  test('an empty text has no statements', () => {
    expect(statementsOf('')).toEqual([])
    expect(statementsOf('  \n')).toEqual([])
  })

  test('URL-encoded, as IAM hands it out', () => {
    const text = withStatement({ ...open, Sid: 'für alle' })
    expect(statementsOf(encodeURIComponent(text))).toEqual(statementsOf(text))
  })

  test('a byte order mark and white space', () => {
    expect(statementsOf(`\uFEFF ${withStatement(open)}\n`)).toHaveLength(1)
  })

  test('an object, and the names of elements in any case', () => {
    const [statement] = statementsOf({
      version: '2012-10-17',
      STATEMENT: { effect: 'Allow', principal: '*', action: 's3:*' },
    })
    expect(statement).toMatchObject({ nr: 1, effect: 'Allow', hasPrincipal: true, isNotAction: false })
    expect(statement?.resources.map((glob) => glob.text)).toEqual(['*'])
  })

  test('booleans and numbers where text is expected', () => {
    const Condition = {
      Bool: { 'aws:SecureTransport': false },
      NumericLessThan: { 's3:TlsVersion': [1.2, '1.3'] },
    }
    const [statement] = statementsOf(withStatement({ ...open, Sid: 7, Condition }))
    expect(statement?.sid).toBe('7')
    expect(statement?.conditions.map((condition) => condition.values.map((value) => value.text))).toEqual([
      ['false'],
      ['1.2', '1.3'],
    ])
  })

  test('operators and keys in any case', () => {
    const Condition = { 'FORALLVALUES:stringnotlikeIFEXISTS': { 'AWS:TagKeys': 'x' } }
    expect(statementsOf(withStatement({ ...open, Condition }))[0]?.conditions[0]).toMatchObject({
      family: 'string',
      comparison: 'like',
      isNegated: true,
      quantifier: 'all',
      ifExists: true,
      key: 'aws:tagkeys',
    })
  })

  test('a member called __proto__ is a member like any other', () => {
    expect(problemOf('{"__proto__":{"Statement":[]}}')).toBe('malformed')
    expect(problemOf('{"__proto__":1,"Statement":[]}')).toBe('none')
  })
})

describe('hostile documents cost little and are judged on the public side', () => {
  const seconds = (since: number): number => (performance.now() - since) / 1000

  test.each([
    ['many Deny statements with many ways around', () => manyDenies(1_000)],
    ['patterns made to backtrack', () => backtracking()],
    ['thousands of address ranges', () => manyRanges()],
    ['many values of one key', () => manyValues()],
  ])('%s', (_, make) => {
    const start = performance.now()
    const found = parsePolicy(make(), bucketContext)
    if (!found.ok) throw new Error(found.message)
    expect(describePolicy(found.policy).is_public).toBe(true)
    expect(seconds(start)).toBeLessThan(20)
  })

  function manyDenies(count: number): string {
    const denies = Array.from({ length: count }, (_, nr) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: `s3:*${nr}*`,
      Resource: `*${nr}*`,
      Condition: { StringLike: { 'aws:Referer': `*${nr}*`, 'aws:UserAgent': `*${nr}*` } },
    }))
    return withStatement([open, ...denies])
  }

  function backtracking(): string {
    const evil = (letter: string): string => `arn:aws:s3:::${'a*'.repeat(1_900)}${letter}`
    const denies = Array.from({ length: 25 }, (_, nr) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: '*',
      Resource: evil(String(nr)),
    }))
    return withStatement([{ ...open, Resource: [evil('x'), evil('y')] }, ...denies])
  }

  function manyRanges(): string {
    const ranges = Array.from({ length: 8_000 }, (_, nr) => `${nr % 200}.${nr >> 6}.0.0/16`)
    const some = (from: number): JsonObject => ({
      IpAddress: { 'aws:SourceIp': ranges.slice(from, from + 4_000) },
    })
    return withStatement([
      open,
      { ...open, Effect: 'Deny', Condition: some(0) },
      { ...open, Condition: some(4_000) },
    ])
  }

  function manyValues(): string {
    const values = Array.from({ length: 4_000 }, (_, nr) => `*${nr}*`)
    const Condition = { StringLike: { 'aws:Referer': values } }
    return withStatement([open, { ...open, Effect: 'Deny', Condition }, { ...open, Condition }])
  }
})
