import { describe, expect, it } from 'vitest'
import { account } from './collect.fixture.ts'
import { type AuditEvent, resolveEvent } from './resolve-event.ts'
import { zooTables } from './zoo-tables.fixture.ts'

const event = (more: Partial<AuditEvent>): AuditEvent => ({
  provider: 'zoo',
  service: 'zoo',
  name: 'MovePen',
  account_id: account,
  region: 'north',
  happened_at: new Date('2026-03-01T00:00:00Z'),
  changes_nothing: false,
  body: { request: { penId: 'a' } },
  ...more,
})
const ids = (more: Partial<AuditEvent>) =>
  resolveEvent(zooTables, event(more)).map(({ native_id }) => native_id)

describe('an event', () => {
  it('names the resource to read again', () => {
    expect(resolveEvent(zooTables, event({}))).toEqual([
      {
        table: 'zoo_pen',
        native_id: 'a',
        account_id: account,
        part: 'north',
        happened_at: new Date('2026-03-01T00:00:00Z'),
      },
    ])
  })

  it('may name many, in lists, each once', () => {
    const body = { response: { pens: [{ id: 'a' }, { id: 'b' }, { id: 'a' }, {}, { id: '' }, { id: 7 }] } }
    expect(ids({ name: 'BuildPens', body })).toEqual(['a', 'b', '7'])
    expect(ids({ body })).toEqual(['a', 'b', '7'])
  })

  it.each<[string, Partial<AuditEvent>]>([
    ['another service of the same name', { service: 'farm' }],
    ['another provider', { provider: 'aws' }],
    ['what failed or only read', { changes_nothing: true }],
    ['an event that no table knows', { name: 'constructor' }],
    ['an event without the id', { body: { request: {} } }],
    ['a body that is none', { body: null }],
    ['an id that is no name', { body: { request: { penId: { $gt: '' } } } }],
    ['an endless id', { body: { request: { penId: 'x'.repeat(5000) } } }],
  ])('touches nothing: %s', (_, more) => expect(ids(more)).toEqual([]))
})
