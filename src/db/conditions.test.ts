import { expect, it } from 'vitest'
import { Conditions } from './conditions.ts'

it('asks for nothing where nothing is wanted', () => {
  const asked = new Conditions().among({ region: undefined }).containing(['name'], undefined)
  expect([asked.sql, asked.params]).toEqual(['true', []])
})

it('numbers values in the order in which they come', () => {
  const asked = new Conditions()
  asked.add(`since >= ${asked.param(5)}`).among({ region: ['a', 'b'], part: undefined, state: [] })
  asked.containing(['name', 'id'], 'WEB')
  expect(asked.params).toEqual([5, ['a', 'b'], [], 'web'])
  expect(asked.sql).toBe(
    `true and since >= $1 and region = any($2::text[]) and state = any($3::text[]) ` +
      `and (strpos(lower(coalesce(name, '')), $4::text) > 0 or strpos(lower(coalesce(id, '')), $4::text) > 0)`,
  )
})
