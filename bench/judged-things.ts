import type { TableShape } from '../src/core/table-shape.ts'
import { novelty, sqlColumns } from '../src/core/table-shape.ts'
import type { Database } from '../src/db/database.ts'
import { ensureTables } from '../src/db/ensure-tables.ts'
import { series, wholePart } from './engines.ts'

/** What is judged in the bench: things with thirteen columns, each with three parts, and twenty conditions. */
export const accounts = 200

const column = (name: string, type: 'text' | 'boolean' | 'bigint', group = 'list') => ({
  name,
  type,
  group,
  title: '',
})

export const thing: TableShape = {
  name: 'bench_thing',
  title: '',
  provider: 'bench',
  parts: 'region',
  groups: ['list', 'settings'],
  columns: [
    column('thing_id', 'text'),
    ...Array.from({ length: 7 }, (_, n) => column(`flag_${n}`, 'boolean', 'settings')),
    ...Array.from({ length: 4 }, (_, n) => column(`count_${n}`, 'bigint', 'settings')),
    column('kind', 'text'),
  ],
  unique: ['thing_id'],
}

const part: TableShape = {
  name: 'bench_thing_part',
  title: '',
  provider: 'bench',
  parts: 'region',
  groups: ['list'],
  columns: [column('port', 'bigint'), column('is_open', 'boolean'), column('protocol', 'text')],
  parent: 'bench_thing',
  unique: [],
}

export const catalogue = new Map([
  [thing.name, thing],
  [part.name, part],
])

const overColumns = [
  ...Array.from({ length: 7 }, (_, n) => `flag_${n}`),
  ...Array.from({ length: 4 }, (_, n) => `count_${n} < 90`),
  `kind in ('a', 'b', 'c')`,
  `flag_0 or count_1 > 10`,
  `not (flag_2 and count_3 > 50)`,
]
const overChildren = [22, 80, 443, 3389, 5432, 8080].map(
  (port) => `not exists (select 1 from bench_thing_part p where p.resource_key = bench_thing.resource_key
    and p.is_open and p.port = ${port})`,
)
export const conditions: readonly string[] = [...overColumns, ...overChildren]

/** An account's rows lie together, as they do where cells are written one after another. */
export async function fillThings(db: Database, resources: number): Promise<void> {
  await ensureTables(
    db,
    [thing, part].map((shape) => ({
      schema: 'lake',
      name: shape.name,
      columns: sqlColumns(shape),
      key: ['account_id', 'resource_key', ...(shape === part ? ['_nr'] : [])],
      placement: 'distributed' as const,
    })),
  )
  // Keys, not chance: a multiplier that shares no factor with the modulus spreads the values evenly.
  const flags = Array.from({ length: 7 }, (_, n) => `(n * ${7 + n * 2}) % 10 > 0 as flag_${n}`)
  const counts = Array.from(
    { length: 4 },
    (_, n) => `cast((n * ${13 + n * 4}) % 100 as bigint) as count_${n}`,
  )
  // Nothing in them is new.
  const empty = new Set<string>(['_kept_facts', ...novelty.map(({ name }) => name)])
  const isFilled = ({ name }: { name: string }) => !empty.has(name)
  const names = (shape: TableShape) =>
    sqlColumns(shape)
      .filter(isFilled)
      .map((one) => one.name)
      .join(', ')
  const each = Math.ceil(resources / accounts)
  const account = (nr: string) => `'a' || lpad(cast(${wholePart(db, nr, each)} as text), 4, '0')`
  const owner = wholePart(db, 'n', 3)
  const port =
    'case (n * 11) % 7 when 0 then 22 when 1 then 80 when 2 then 443 when 3 then 3389 when 4 then 5432 when 5 then 8080 else 25 end'
  await db.transaction(async (tx) => {
    await tx.run(
      `insert into lake.bench_thing (${names(thing)})
       select ${account('n')}, 'eu-west-1', 'thing/' || cast(n as text), ${account('n')}, 'eu-west-1', true, true,
         'id-' || cast(n as text), ${[...flags, ...counts].join(', ')}, substr('abcd', cast(n % 4 as integer) + 1, 1)
       from ${series(db)}`,
      [resources],
    )
    await tx.run(
      `insert into lake.bench_thing_part (${names(part)})
       select ${account(owner)}, 'eu-west-1', 'thing/' || cast(${owner} as text), n % 3 + 1, ${port}, (n * 17) % 10 < 3, 'tcp'
       from ${series(db)}`,
      [resources * 3],
    )
    await tx.run(
      `insert into stance.cell (account_id, table_name, part, state, in_force, since, rows, calls, throttles, duration_ms, code, message, action, denied_by, next)
       select account_id, 'bench_thing', 'eu-west-1', 'ok', true, timestamptz '2026-01-01 00:00:00+00', count(*), 1, 0, 1, '', '', '', '', ''
       from lake.bench_thing group by account_id`,
    )
  })
}
