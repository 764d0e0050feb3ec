import { expect, it } from 'vitest'
import { sqlColumns } from '../core/table-shape.ts'
import { buildCatalogue } from './catalogue.ts'
import { type Column, text } from './columns.ts'
import { type AnyTable, defineTable } from './define-table.ts'
import { lockCatalogue, lockTable } from './lake.fixture.ts'

interface Thing {
  Name: string
}

function thing(
  columns: Record<string, Column<Thing>>,
  more: { name?: string; version?: number } = {},
): AnyTable {
  return defineTable<{ list: Thing }>({
    name: more.name ?? 'test_thing',
    title: 'Thing',
    docs: 'https://example.com',
    provider: 'test',
    via: 'test',
    service: 'thing',
    parts: 'global',
    ...(more.version === undefined ? {} : { version: more.version }),
    identity: { key: 'thing/{Name}', native_id: 'Name', name: 'Name' },
    list: { read: { operation: 'List', items: 'Things', permission: 'test:List' }, columns },
    groups: {},
  })
}

it('has the shape of each table and child table, facts in a group of their own', () => {
  const shape = lockCatalogue.shapes.get('test_lock')!
  expect(shape.groups).toEqual(['list', 'alarm', 'keys', 'derived'])
  expect(sqlColumns(shape).map(({ name }) => name)).toEqual([
    ...[
      'account_id',
      'region',
      'resource_key',
      'owner_account_id',
      '_part',
      '_listed',
      '_kept_facts',
      '_new_in',
      '_changed_in',
      '_new_names',
      '_lost_names',
      '_kept_groups',
      '_read_alarm',
      '_read_keys',
    ],
    ...[
      'lock_name',
      'made_at',
      'door_count',
      'is_on',
      'siren',
      'last_rang_at',
      'key_count',
      'holder',
      'is_public',
    ],
  ])
  expect(lockCatalogue.shapes.get('test_lock_door')).toMatchObject({ parent: 'test_lock', groups: ['list'] })
})

it.each([
  ['a reserved word', () => [thing({ order: text('Name') })], 'reserved'],
  ['a name twice', () => [thing({ aaa: text('Name') }), thing({ aaa: text('Name') })], 'twice'],
  ['a view of our own', () => [thing({ aaa: text('Name') }, { name: 'coverage' })], 'reserved'],
  ['a bookkeeping name', () => [thing({ region: text('Name') })], 'there twice'],
])('refuses %s', (_title, tables, message) => {
  expect(() => buildCatalogue(tables())).toThrow(message)
})

it('refuses facts of tables that are not there, and facts over columns', () => {
  const fact = { table: 'test_none', column: 'is_public', type: 'boolean' as const, title: '' }
  expect(() => buildCatalogue([lockTable], [fact])).toThrow('test_none')
  expect(() => buildCatalogue([lockTable], [{ ...fact, table: 'test_lock', column: 'siren' }])).toThrow(
    'twice',
  )
})

it('notices when a projection changes, and when a reading does', () => {
  const version = (columns: Record<string, Column<Thing>>, more = {}, release = '1') => {
    const { projection, readings } = buildCatalogue([thing(columns, more)], [], release).tables.get(
      'test_thing',
    )!
    return { projection, reading: readings.get('list') }
  }
  const base = version({ aaa: text('Name') })
  expect(version({ aaa: text('Name', undefined, 'another title') })).toEqual(base)
  expect(version({ aaa: text('Name', '') }).projection).not.toBe(base.projection)
  expect(version({ aaa: text((item) => item.Name) }).projection).not.toBe(base.projection)
  expect(version({ aaa: text('Name') }, { version: 1 }).projection).not.toBe(base.projection)
  const later = version({ aaa: text('Name') }, {}, '2')
  expect(later.projection).toBe(base.projection)
  expect(later.reading).not.toBe(base.reading)
})
