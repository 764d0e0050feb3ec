import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEmpty, type Language } from './language.ts'
import { newBudget } from './limits.ts'
import { fillIn, Glob, matches, toCodes, toPattern } from './pattern.ts'

test.each([
  ['*', '', true],
  ['*', 'anything', true],
  ['s3:get*', 's3:getobject', true],
  ['s3:*object', 's3:getobject', true],
  ['s3:*object', 's3:getobjectacl', false],
  ['iam:pass?ole', 'iam:passrole', true],
  ['iam:pass?ole', 'iam:passole', false],
  ['a*b*c', 'aXbXbXc', true],
  ['a*b*c', 'aXcXb', false],
  ['', '', true],
  ['?', '', false],
])('%s on "%s": %s', (pattern, text, expected) => {
  expect(matches(toPattern(pattern), toCodes(text))).toBe(expected)
})

test('policy variables, their defaults, and characters that are no wildcards', () => {
  const glob = new Glob("a/${aws:UserName, 'x y'}/${*}${?}${$}*?", true)
  expect(glob.variables).toEqual([{ name: 'aws:username', fallback: 'x y' }])
  const filled = fillIn(glob, () => toCodes('me'))
  expect(filled).toEqual([...toCodes('a/me/*?$'), -1, -2])
  expect(fillIn(glob, () => undefined)).toBeUndefined()
  expect(new Glob('${aws:username}', false).variables).toEqual([])
  expect(new Glob('${unfinished', true).tokens).toEqual(toCodes('${unfinished'))
})

const letters = ['a', 'b', 'c']
function stringsUpTo(length: number): string[] {
  let last = ['']
  const all = ['']
  for (let at = 0; at < length; at++) {
    last = last.flatMap((text) => letters.map((letter) => text + letter))
    all.push(...last)
  }
  return all
}

const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 3 }).map((parts) => parts.join(''))
const patterns = fc.array(pattern, { maxLength: 3 })
const language = fc.record({ some: patterns, each: fc.array(patterns, { maxLength: 2 }), none: patterns })

test('isEmpty is right about every language of short patterns', () => {
  const strings = stringsUpTo(7).map(toCodes)
  fc.assert(
    fc.property(language, (written) => {
      const toPatterns = (list: string[]) => list.map(toPattern)
      const compiled: Language = {
        some: toPatterns(written.some),
        each: written.each.map(toPatterns),
        none: toPatterns(written.none),
      }
      const hasMember = strings.some(
        (text) =>
          compiled.some.some((one) => matches(one, text)) &&
          compiled.each.every((group) => group.some((one) => matches(one, text))) &&
          !compiled.none.some((one) => matches(one, text)),
      )
      expect(isEmpty(compiled, newBudget())).toBe(!hasMember)
    }),
    { numRuns: 500 },
  )
})

test('without a budget nothing counts as empty', () => {
  expect(isEmpty({ some: [toPattern('a')], each: [], none: [toPattern('a')] }, { left: 0 })).toBe(false)
})
