import { afterAll, beforeAll } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/setup/test-database.ts'
import type { Database, Value } from '../database.ts'
import { loadTarget } from '../load-target.ts'
import type { Relation, ValueType } from './relation.ts'

/**
 * Values at the edges of each type: what engines are known, or suspected, to read differently. No text has
 * U+FEFF: DuckDB's client takes it away at the beginning.
 */
export const edges: Record<
  'text' | 'bigint' | 'double' | 'timestamptz' | 'boolean' | 'json',
  readonly Value[]
> = {
  text: [
    ...[
      null,
      '',
      ' ',
      '  ',
      ' x ',
      'a',
      'A',
      'b',
      'Z',
      'abc',
      'ABC',
      'abcabc',
      'é',
      'É',
      'e\u0301',
      'ß',
      'Straße',
      'STRASSE',
    ],
    ...[
      'İ',
      'i',
      'ı',
      'ǆ',
      'ΑΣΣ',
      'ας',
      '😀',
      'a😀b',
      '👩‍👩‍👧',
      '日本語',
      '\u{10ffff}',
      '\ufffd',
      '\u200b',
      '\u00a0x',
    ],
    ...[
      '_',
      '%',
      'a%b',
      'a_b',
      'a\\b',
      '\\',
      '\\%',
      '\\_',
      "it's",
      '"',
      'a\nb',
      'a\r\nb',
      '\t',
      '\u0001',
      '\u007f',
      '$1',
      ':x',
      '--',
    ],
    ...[
      '10',
      '-5',
      '+5',
      '1e3',
      '1.5',
      '.5',
      ' 7',
      '007',
      '12\n',
      '٣',
      '123456789012345678',
      '9223372036854775807',
      'NaN',
      'null',
    ],
    ...['a,b,,c', ',', ',,', 'arn:aws:s3:::x', 'xyxxy', 'x'.repeat(300), 'é'.repeat(100)],
  ],
  bigint: [
    ...[null, 0, 1, -1, 2, -2, 3, 7, -7, 10, 100, 2147483647, 2147483648, -2147483649, 4294967296],
    ...[Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER],
  ],
  double: [
    ...[
      null,
      0,
      0.5,
      1.5,
      2.5,
      -0.5,
      -1.5,
      -2.5,
      0.1,
      1 / 3,
      2.675,
      1.005,
      0.49999999999999994,
      1e-7,
      1e15,
      2 ** 53,
    ],
    ...[123456.789, -99.995, 7, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ],
  timestamptz: [
    null,
    ...[
      '0001-01-01T00:00:00Z',
      '0004-02-29T12:00:00Z',
      '1582-10-10T00:00:00Z',
      '1900-02-28T23:59:59.999Z',
      '1969-12-31T23:59:59.999Z',
      '1970-01-01T00:00:00Z',
      '2024-02-29T12:34:56.789Z',
      '2025-03-30T01:30:00Z',
      '2025-12-29T00:00:00Z',
      '2026-01-31T23:59:59.500Z',
      '2027-01-01T00:00:00Z',
      '9999-12-31T00:00:00Z',
    ].map((text) => new Date(text)),
  ],
  boolean: [null, true, false],
  json: [
    null,
    ...[
      '{}',
      '[]',
      'null',
      '"text"',
      '5',
      '{"a":null}',
      '{"a":"x","b":{"c":[1,"two",{"d":true}]}}',
      '[1,2,3]',
      '["a"]',
    ],
    ...[
      '{"":"empty","a/b~c":"slash","0":"zero","é":"ü😀"}',
      '{"a":1.0,"c":12345678901234567890,"d":1e21}',
      '{"a":[]}',
    ],
    '{"a":"line\\nbreak \\" quote"}',
  ],
}

const types = Object.keys(edges) as (keyof typeof edges)[]

/** `edge_text`, `edge_bigint`, …: columns `nr` and `v`. */
export const edgeRelations: Relation[] = types.map((type) => ({
  name: `public.edge_${type}`,
  columns: [
    { name: 'nr', type: 'bigint' },
    { name: 'v', type: type satisfies ValueType },
  ],
}))

/** DuckDB and both versions of PostgreSQL, each with the edges; for the tests of the file that calls it. */
export function edgeEngines(): readonly TestDatabase[] {
  const engines: TestDatabase[] = []
  beforeAll(async () => {
    engines.push(
      await freshDatabase('duckdb'),
      await freshDatabase('postgres'),
      await freshDatabase('postgres', { postgres: 17 }),
    )
    for (const { db } of engines) await makeEdges(db)
  })
  afterAll(async () => {
    for (const engine of engines) await engine.drop()
  })
  return engines
}

async function makeEdges(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    for (const type of types) {
      const sqlType = type === 'double' ? 'double precision' : type
      await tx.run(`create table public.edge_${type} (nr bigint, v ${sqlType})`)
      const target = loadTarget(`public.edge_${type}`, { nr: 'bigint', v: type })
      await tx.load(
        target,
        edges[type].map((value, nr) => [nr, value]),
      )
    }
    // What a number of JavaScript cannot be.
    const extremes = ['9223372036854775807', '-9223372036854775808', '9007199254740993']
    for (const [index, value] of extremes.entries()) {
      await tx.run(`insert into public.edge_bigint values (${String(100 + index)}, bigint '${value}')`)
    }
    await tx.run(`insert into public.edge_double values (100, double precision '-0')`)
    await tx.run(
      `insert into public.edge_timestamptz values (100, timestamptz '2026-01-31 23:59:59.999999+00')`,
    )
  })
}
