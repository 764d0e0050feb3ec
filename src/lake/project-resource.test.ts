import { describe, expect, it } from 'vitest'
import { toMoment } from './column-value.ts'
import { count, double, flag, forever, never, tellsOf, text, time, unlimited } from './columns.ts'
import { type AnyTable, child, defineTable } from './define-table.ts'
import { type GroupContent, projectResource } from './project-resource.ts'

interface Thing {
  Name: string
  Limits?: { Size?: number; Share?: number }
  Ends?: string
  Parts?: { Id?: string }[]
}

const where = { account_id: '111122223333', region: 'here', partition: 'test' }

function table(): AnyTable {
  return defineTable<{ list: Thing; guard: { On?: boolean; Since?: string } }>({
    name: 'test_thing',
    title: 'Thing',
    docs: 'https://example.com',
    provider: 'test',
    via: 'test',
    service: 'thing',
    parts: 'region',
    identity: { key: 'thing/{Name}', native_id: 'Name', name: 'Name' },
    list: {
      read: { operation: 'List', items: 'Things', permission: 'test:List' },
      columns: {
        thing_name: text('Name'),
        size: count('Limits.Size', unlimited),
        share: double('Limits.Share', 0),
        ends_at: time('Ends', forever),
        place: text((_thing, place) => `${place.account_id}/${place.region}/${place.partition}`),
      },
    },
    groups: {
      guard: {
        read: { operation: 'Get', permission: 'test:Get' },
        columns: {
          is_on: flag('On', false),
          on_since: tellsOf('is_on', time('Since', never)),
          thing_of_it: text((_guard, place) => (place.item as Thing).Name.toUpperCase()),
        },
      },
    },
    children: {
      test_thing_part: child<Thing, { part_id: 'text' }>({
        title: 'Part',
        group: 'list',
        columns: { part_id: 'text' },
        rows: (thing) => (thing.Parts ?? []).map(({ Id }) => ({ part_id: Id as string })),
      }),
    },
  })
}

const project = (list: unknown, guard?: unknown) => {
  const contents: Record<string, GroupContent> = { list: { content: list as never } }
  if (guard !== undefined) contents.guard = { content: guard as never }
  return projectResource(table(), where, contents)
}

describe('a document as rows', () => {
  it('has the values, and the absence values of what is left out', () => {
    const { columns, children, failures } = project(
      { Name: 'x', Limits: { Size: 3 }, Parts: [{ Id: 'p' }] },
      {},
    )
    expect(columns).toEqual({
      thing_name: 'x',
      size: 3,
      share: 0,
      ends_at: new Date(forever),
      place: '111122223333/here/test',
      is_on: false,
      on_since: new Date(never),
      thing_of_it: 'X',
    })
    expect(children).toEqual({ test_thing_part: [{ part_id: 'p' }] })
    expect(failures).toEqual({})
  })

  it('is NULL exactly for groups that are not in force', () => {
    expect(project({ Name: 'x' }).columns).toMatchObject({ thing_name: 'x', is_on: null, thing_of_it: null })
    const nothing = projectResource(table(), where, { guard: { content: { On: true } } })
    expect(new Set(Object.values(nothing.columns))).toEqual(new Set([null]))
  })

  it('never gives null for a group that is read', () => {
    const { columns } = project({ Name: 'x', Limits: null, Ends: null }, { On: null })
    expect(Object.values(columns)).not.toContain(null)
  })

  it.each([
    ['a string for a number', { Name: 'x', Limits: { Size: '3' } }, 'COLUMN_TYPE', 'size'],
    ['an integer that is not safe', { Name: 'x', Limits: { Size: 2 ** 60 } }, 'COLUMN_TYPE', 'size'],
    ['a fraction for an integer', { Name: 'x', Limits: { Size: 1.5 } }, 'COLUMN_TYPE', 'size'],
    ['a time that is none', { Name: 'x', Ends: 'tomorrow' }, 'COLUMN_TYPE', 'ends_at'],
    ['a field that must be there', {}, 'COLUMN_MISSING', 'thing_name'],
    ['a child without its column', { Name: 'x', Parts: [{}] }, 'COLUMN_MISSING', 'test_thing_part.part_id'],
    ['a child that is no list', { Name: 'x', Parts: 3 }, 'COLUMN_FUNCTION', 'test_thing_part'],
  ])('makes the group an error for %s, and loses no row', (_title, list, code, column) => {
    const { failures, columns } = project(list, {})
    expect(failures.list).toMatchObject({ code, message: expect.stringContaining(column) })
    expect(columns.thing_name).toBe(null)
  })

  it('guards functions: one group fails, the others stand', () => {
    const { failures, columns } = project({ Name: 7 as never }, {})
    expect(Object.keys(failures).sort()).toEqual(['guard', 'list'])
    const other = projectResource(table(), where, {
      list: { content: { Name: 'x' } },
      guard: { content: 'text' },
    })
    expect(other.columns.thing_name).toBe('x')
    expect(columns.is_on).toBe(null)
  })

  it('never shows a value that does not fit: it may be a secret', () => {
    const { failures } = project({ Name: 'x', Limits: { Size: 'hunter2' } })
    expect(JSON.stringify(failures)).not.toContain('hunter2')
  })
})

describe('a column that tells of another', () => {
  const since = '2026-03-01T10:00:00.000Z'
  const read = (before: unknown, ...parts: unknown[]) => {
    const overlays = parts.map((content) => ({ carries: ['is_on'], content: content as never }))
    const guard = { content: before as never, overlays }
    return projectResource(table(), where, { list: { content: { Name: 'x' } }, guard }).columns
  }

  it('is NULL where a part that was read since says that the other one turned', () => {
    expect(read({ On: false }, { On: true })).toMatchObject({ is_on: true, on_since: null, thing_of_it: 'X' })
    expect(read({ On: true, Since: since }, {})).toMatchObject({ is_on: false, on_since: null })
  })

  it('stays where the part says the same, and asks the newest part alone', () => {
    const known = { is_on: true, on_since: new Date(since) }
    expect(read({ On: true, Since: since }, { On: true })).toMatchObject(known)
    expect(read({ On: true, Since: since }, { On: true }, { On: false })).toMatchObject(known)
    expect(read({ On: true, Since: since })).toMatchObject(known)
  })

  it('is its own where the part carries it, too', () => {
    const overlays = [{ carries: ['is_on', 'on_since'], content: { On: true, Since: since } }]
    const guard = { content: { On: false }, overlays }
    const { columns } = projectResource(table(), where, { list: { content: { Name: 'x' } }, guard })
    expect(columns).toMatchObject({ is_on: true, on_since: new Date(since) })
  })

  it.each([
    ['nowhere', /tells of nowhere/],
    ['thing_name', /tells of thing_name/],
    ['on_since', /tells of on_since/],
  ])('must tell of another column of its group: %s', (of, message) => {
    const declared = table()
    const columns = {
      ...declared.groups.guard!.columns,
      on_since: tellsOf(of, time('Since' as never, never)),
    }
    const guard = { ...declared.groups.guard!, columns }
    expect(() => defineTable({ ...declared, groups: { guard } } as never)).toThrow(message)
  })
})

describe('a time', () => {
  it.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.123456+02:00', '2026-03-01T08:00:00.123Z'],
    ['2026-03-01T10:00:00+0200', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01 10:00:00', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    [never, '0001-01-01T00:00:00.000Z'],
    [forever, '9999-12-31T00:00:00.000Z'],
  ])('%s is %s', (given, expected) => {
    expect(toMoment(given)?.toISOString()).toBe(expected)
  })

  it.each([
    '',
    'N/A',
    '2026-13-01',
    '2026-02-31T00:00:00Z',
    '0000-01-01',
    '12026-01-01',
    '2026-03-01T25:00:00Z',
  ])('%s is none', (given) => {
    expect(toMoment(given)).toBeUndefined()
  })
})
