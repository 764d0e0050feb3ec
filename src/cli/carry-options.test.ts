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

it('hints name the file that was read and the setting that was used', () => {
  const at = { demo: false, config: undefined, file: 'a.yaml', url_in: 'a.yaml' }
  expect(carryOptions('Mend connections[0].regions in stance.yaml.', at)).toBe(
    'Mend connections[0].regions in a.yaml.',
  )
  const variables = new Map([['rules.directories', 'STANCE_RULES_DIRECTORIES']])
  expect(carryOptions('Take it out of `rules.directories` in stance.yaml.', { ...at, variables })).toBe(
    'Take it out of STANCE_RULES_DIRECTORIES.',
  )
  expect(carryOptions('Raise `database.memory_limit` in stance.yaml.', { ...at, variables })).toBe(
    'Raise `database.memory_limit` in a.yaml.',
  )
  expect(carryOptions('See /x/stance.yaml:3:1 and stance.yaml:3.', at)).toBe(
    'See /x/stance.yaml:3:1 and stance.yaml:3.',
  )
  expect(carryOptions('Check host and port in DATABASE_URL, "$DATABASE_URL".', at)).toBe(
    'Check host and port in database.url (a.yaml), "$DATABASE_URL".',
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
