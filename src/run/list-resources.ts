import { Conditions } from '../db/conditions.ts'
import type { Param, Reader } from '../db/database.ts'
import { distinct } from './name-findings.ts'

export interface ResourceListFilter {
  accounts?: readonly string[]
  tables?: readonly string[]
  regions?: readonly string[]
  /** Part of the name, native id or key, in any case. */
  text?: string
  /** `key` or `key=value`; all must hold. */
  tags?: readonly string[]
}

export interface ResourceItem {
  account_id: string
  resource_key: string
  table_name: string
  region: string
  native_id: string
  name: string
  /** Whether what is known of it may be relied on. */
  in_force: boolean
  first_seen: Date
  read_at: Date
  /** When the cell that vouches for it was last read whole; null: never. */
  ok_at: Date | null
  /** Findings on it that fail, and that are unknown. */
  fail: number
  unknown: number
}

/** A page is found first; only its own findings are counted. */
const page = 5_000

/** By bytes: a database has a collation of its own, and the same list has one order everywhere. */
const order = `order by x.table_name collate "C" nulls last, x.account_id nulls last, x.region collate "C" nulls last,
       x.name collate "C" nulls last, x.resource_key collate "C" nulls last`

/** Resources with the number of findings on each. */
export function streamResources(
  db: Reader,
  filter: ResourceListFilter,
  limit?: number,
): AsyncIterable<ResourceItem[]> {
  if (limit !== undefined && limit <= page) return onePage(db, filter, limit)
  const { where, params } = query(filter)
  return db.stream<ResourceItem>(
    `select x.account_id, x.resource_key, x.table_name, x.region, x.native_id, x.name, x.in_force, x.first_seen,
       x.list_read_at as read_at, c.ok_at, coalesce(f.fail, 0) as fail, coalesce(f.unknown, 0) as unknown
     from stance.resource x
     left join (
       select account_id, resource_key, count(*) filter (where verdict = 'fail') as fail,
         count(*) filter (where verdict = 'unknown') as unknown
       from stance.finding group by account_id, resource_key
     ) f on f.account_id = x.account_id and f.resource_key = x.resource_key
     left join stance.cell c on c.account_id = x.account_id and c.table_name = x.table_name and c.part = x.part
     ${where}
     ${order}${limit === undefined ? '' : ` limit ${Math.floor(limit)}`}`,
    params,
  )
}

type PageRow = Omit<ResourceItem, 'fail' | 'unknown' | 'ok_at'> & { part: string }

async function* onePage(
  db: Reader,
  filter: ResourceListFilter,
  limit: number,
): AsyncGenerator<ResourceItem[]> {
  const { where, params } = query(filter)
  const rows = await db.query<PageRow>(
    `select x.account_id, x.resource_key, x.table_name, x.region, x.native_id, x.name, x.in_force, x.first_seen,
       x.list_read_at as read_at, x.part
     from stance.resource x ${where} ${order} limit ${Math.floor(limit)}`,
    params,
  )
  const of = ({ account_id, resource_key }: { account_id: string; resource_key: string }) =>
    `${account_id}\0${resource_key}`
  const [accounts, keys] = distinct(rows)
  const counts = await db.query<{ account_id: string; resource_key: string; fail: number; unknown: number }>(
    `select f.account_id, f.resource_key, count(*) filter (where f.verdict = 'fail') as fail,
       count(*) filter (where f.verdict = 'unknown') as unknown
     from stance.finding f where f.account_id = any($1::text[]) and f.resource_key = any($2::text[])
     group by f.account_id, f.resource_key`,
    [accounts, keys],
  )
  const cells = await db.query<{ account_id: string; table_name: string; part: string; ok_at: Date | null }>(
    `select c.account_id, c.table_name, c.part, c.ok_at from stance.cell c
     where c.account_id = any($1::text[]) and c.table_name = any($2::text[])`,
    [accounts, [...new Set(rows.map(({ table_name }) => table_name))]],
  )
  const onEach = new Map(counts.map((row) => [of(row), row]))
  const cellOf = ({ account_id, table_name, part }: Pick<PageRow, 'account_id' | 'table_name' | 'part'>) =>
    [account_id, table_name, part].join('\0')
  const readAt = new Map(cells.map((cell) => [cellOf(cell), cell.ok_at]))
  yield rows.map(({ part, ...row }) => {
    const { fail = 0, unknown = 0 } = onEach.get(of(row)) ?? {}
    return { ...row, ok_at: readAt.get(cellOf({ ...row, part })) ?? null, fail, unknown }
  })
}

export async function countResources(db: Reader, filter: ResourceListFilter): Promise<number> {
  const { where, params } = query(filter)
  const rows = await db.query<{ n: number }>(`select count(*) as n from stance.resource x ${where}`, params)
  return rows[0]?.n ?? 0
}

function query(filter: ResourceListFilter): { where: string; params: Param[] } {
  const asked = new Conditions()
    .among({ 'x.account_id': filter.accounts, 'x.table_name': filter.tables, 'x.region': filter.regions })
    .containing(['x.name', 'x.native_id', 'x.resource_key'], filter.text)
  for (const tag of filter.tags ?? []) {
    // A key may hold the sign that ends it here.
    const ways = [...tag.matchAll(/(?<=.)=/gs)].map(({ index }) => {
      const key = asked.param(tag.slice(0, index))
      return `(t.tag_key = ${key}::text and t.tag_value = ${asked.param(tag.slice(index + 1))}::text)`
    })
    const is = `(${[...ways, `t.tag_key = ${asked.param(tag)}::text`].join(' or ')})`
    asked.add(
      `exists (select 1 from stance.resource_tag t
         where t.account_id = x.account_id and t.resource_key = x.resource_key and ${is})`,
    )
  }
  return { where: `where ${asked.sql}`, params: asked.params }
}
