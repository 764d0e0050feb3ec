import { expect, it } from 'vitest'
import { sayClosed } from './say-closed.ts'

it('a rule of which nobody knew whether it applied did not cease to', () => {
  expect(sayClosed('not_applicable', true)).toBe('the rule no longer applies to it')
  expect(sayClosed('not_applicable', false)).toBe('the rule turned out not to apply to it')
  expect(sayClosed('gone', false)).toBe('the resource is gone')
})
