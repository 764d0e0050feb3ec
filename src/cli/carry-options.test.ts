import { expect, it } from 'vitest'
import { carryOptions } from './carry-options.ts'
import { list } from './options.ts'
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

it('a comma of a value is written with a backslash, and said so again', () => {
  const given = list('<key=value>', '').read([String.raw`team=a\,b,env=x`], '--tag')
  expect(given).toEqual(['team=a,b', 'env=x'])
  expect(repeatFilters({ tag: given }, ['tag'])).toBe(String.raw` --tag 'team=a\,b,env=x'`)
})
