import { expect, it } from 'vitest'
import { fileOf } from './recording.ts'

it('names a file by account and service', () => {
  expect(fileOf({ account_id: '111122223333', service: 's3' })).toBe('111122223333/s3.ndjson')
  expect(fileOf({ account_id: 'o-abc.1', service: 'access-analyzer' })).toBe('o-abc.1/access-analyzer.ndjson')
})

it.each(['..', '.', '...', '../x', '.x', 'a/b', 'a\\b', '', 'a b', 'a\0', '..%2f'])(
  'refuses %j, which an answer could have given as an account',
  (account_id) => {
    expect(() => fileOf({ account_id, service: 's3' })).toThrow('not a name for a file')
    expect(() => fileOf({ account_id: '111122223333', service: account_id })).toThrow('not a name for a file')
  },
)
