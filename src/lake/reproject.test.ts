import { beforeEach, expect, it } from 'vitest'
import { buildCatalogue } from './catalogue.ts'
import { count, text } from './columns.ts'
import { type AnyTable, child, defineTable } from './define-table.ts'
import { eachLake } from './each-lake.fixture.ts'
import { ensureLake } from './ensure-lake.ts'
import { cell, hour, ok } from './lake.fixture.ts'
import { reproject } from './reproject.ts'

interface Shelf {
  Name: string
  Books?: string[]
  Depth?: number
}

/** The same table as releases declare it, one after the other. */
function shelf(more: {
  columns?: object
  groups?: object
  children?: boolean
  list?: object
  version?: number
}): AnyTable {
  return defineTable<{ list: Shelf }>({
    name: 'test_shelf',
    title: 'Shelf',
    docs: 'https://example.com/shelf',
    provider: 'test',
    via: 'test',
    service: 'shelf',
    parts: 'region',
    version: more.version ?? 0,
    identity: { key: 'shelf/{Name}', native_id: 'Name', name: 'Name' },
    list: {
      read: { operation: 'List', items: 'Shelves', permission: 'test:List' },
      columns: { shelf_name: text('Name'), ...more.columns },
      ...more.list,
    },
    groups: {
      size: { read: { operation: 'Size', permission: 'test:Size' }, columns: { ...(more.groups ?? {}) } },
    } as never,
    children: more.children
      ? {
          test_shelf_book: child<Shelf, { book_title: 'text' }>({
            title: 'Book',
            group: 'list',
            columns: { book_title: 'text' },
            rows: (item) => (item.Books ?? []).map((book_title) => ({ book_title })),
          }),
        }
      : {},
  })
}

const first = buildCatalogue([shelf({ groups: { width: text('Width') } })], [], '1')

eachLake('another declaration', (lake) => {
  const { clock, changes, options } = lake
  const place = { cell: { ...cell, table: 'test_shelf' }, catalogue: first }
  beforeEach(async () => {
    await lake.db.transaction(async (tx) => {
      for (const name of ['test_shelf', 'test_shelf_book']) {
        await tx.run(`drop view if exists public.${name}`)
        await tx.run(`drop table if exists lake.${name}`)
      }
    })
    await ensureLake(lake.db, first)
  })

  const read = (name: string, list: object, size: object = { Width: '3' }) => ({
    ...lake.lock(name, { list, groups: { size: ok(size as never, clock.now()) } }),
    resource_key: `shelf/${name}`,
  })
  const documents = () =>
    lake.query(
      'select resource_key, content, hash, valid_from from stance.resource order by resource_key nulls last',
    )

  it('fills new columns and children from the documents, in batches, and changes nothing else', async () => {
    const many = Array.from({ length: 7 }, (_, nr) =>
      read(`s${nr}`, { Depth: nr, Books: ['x', 'y'] }, { Width: '4' }),
    )
    await lake.scan(many, 'ok', place)
    const before = await documents()
    clock.pass(hour)
    const wide = buildCatalogue(
      [shelf({ columns: { depth: count('Depth', 0) }, groups: { width: text('Width') }, children: true })],
      [],
      '2',
    )
    await ensureLake(lake.db, wide)
    expect(await lake.query('select depth from lake.test_shelf group by depth')).toEqual([{ depth: null }])
    changes.length = 0
    // Stopped after the first batch, it goes on where it was.
    const stop = new AbortController()
    const stopped = reproject(lake.db, wide, {
      clock,
      batch: 3,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(stopped).rejects.toThrow()
    expect(await reproject(lake.db, wide, { ...options, batch: 3 })).toEqual({ resources: 4 })
    expect(await reproject(lake.db, wide, { ...options })).toEqual({ resources: 0 })
    expect(await lake.query('select shelf_name, depth from public.test_shelf where depth > 5')).toEqual([
      { shelf_name: 's6', depth: 6 },
    ])
    expect(await lake.query('select count(*) as n from public.test_shelf_book')).toEqual([{ n: 14 }])
    expect(changes.map(({ keys }) => keys.length)).toEqual([3, 1])
    expect(await documents()).toEqual(before)
    expect(await lake.query('select * from stance.resource_version')).toEqual([])
  })

  it('makes no version when it reads otherwise, and one when what both know has changed', async () => {
    const write = (catalogue: typeof first, list: object) =>
      lake.scan([read('s', list)], 'ok', { ...place, catalogue })
    await write(first, { Books: ['x'] })
    clock.pass(hour)
    expect(
      await write(
        buildCatalogue(
          [...first.tables.values()].map(({ declared }) => declared),
          [],
          '2',
        ),
        {
          Books: ['x'],
          New: { of: 'this release' },
        },
      ),
    ).toMatchObject({ versions: 0 })
    clock.pass(hour)
    const third = buildCatalogue(
      [...first.tables.values()].map(({ declared }) => declared),
      [],
      '3',
    )
    expect(await write(third, { Books: ['y'] })).toMatchObject({ versions: 1 })
    clock.pass(hour)
    expect(await write(third, { Books: ['y'], New: 1 })).toMatchObject({ versions: 1 })
  })

  it('that cannot read a document leaves the group unread, and one that can brings it back', async () => {
    await lake.scan([read('s', {}, { Width: 'wide' })], 'ok', place)
    const strict = buildCatalogue([shelf({ groups: { width: text('Breadth' as never) } })], [], '2')
    clock.pass(hour)
    expect(await reproject(lake.db, strict, options)).toEqual({ resources: 1 })
    expect(await lake.query('select width, _read_size, _listed from lake.test_shelf')).toEqual([
      { width: null, _read_size: null, _listed: true },
    ])
    expect(await lake.query('select state, code from stance.unread_group')).toEqual([
      { state: 'error', code: 'COLUMN_MISSING' },
    ])
    clock.pass(hour)
    await reproject(lake.db, first, options)
    expect(await lake.query('select width, _read_size from lake.test_shelf')).toEqual([
      { width: 'wide', _read_size: true },
    ])
    expect(await lake.query('select * from stance.unread_group')).toEqual([])
  })
})
