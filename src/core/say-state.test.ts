import { expect, it } from 'vitest'
import { sayState } from './say-state.ts'

it('what was read before is not called unread so far', () => {
  const said = (state: string, code: string) => sayState({ state, code })
  expect(said('not_collected', '')).toBe('not read yet')
  expect(said('not_collected', 'NOT_ASKED_FOR')).toBe('not read yet')
  expect(said('not_collected', 'COLLECT_ASSUME_ROLE_DENIED')).toBe('not read now')
  expect(said('not_collected', 'ACCOUNT_UNLISTED')).toBe('not read now')
  expect(said('excluded', 'EXCLUDED')).toBe('left out by configuration')
})
