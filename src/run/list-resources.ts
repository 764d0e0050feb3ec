import type { Param, Reader } from '../db/database.ts'

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

/** Resources with the number of findings on each. */
export function streamResources(
  db: Reader,
  filter: ResourceListFilter,
  limit?: number,
): AsyncIterable<ResourceItem[]> {
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
     order by x.table_name nulls last, x.account_id nulls last, x.region nulls last, x.name nulls last,
       x.resource_key nulls last${limit === undefined ? '' : ` limit ${Math.floor(limit)}`}`,
    params,
  )
}

export async function countResources(db: Reader, filter: ResourceListFilter): Promise<number> {
  const { where, params } = query(filter)
  const rows = await db.query<{ n: number }>(`select count(*) as n from stance.resource x ${where}`, params)
  return rows[0]?.n ?? 0
}

function query(filter: ResourceListFilter): { where: string; params: Param[] } {
  const params: Param[] = []
  const conditions = ['true']
  const lists = { 'x.account_id': filter.accounts, 'x.table_name': filter.tables, 'x.region': filter.regions }
  for (const [name, values] of Object.entries(lists)) {
    if (values === undefined) continue
    params.push(values)
    conditions.push(`${name} = any($${params.length}::text[])`)
  }
  if (filter.text !== undefined) {
    params.push(filter.text.toLowerCase())
    const inside = (name: string) => `strpos(lower(${name}), $${params.length}::text) > 0`
    conditions.push(`(${['x.name', 'x.native_id', 'x.resource_key'].map(inside).join(' or ')})`)
  }
  for (const tag of filter.tags ?? []) {
    const at = tag.indexOf('=')
    params.push(at === -1 ? tag : tag.slice(0, at))
    let is = `t.tag_key = $${params.length}::text`
    if (at !== -1) {
      params.push(tag.slice(at + 1))
      is += ` and t.tag_value = $${params.length}::text`
    }
    conditions.push(
      `exists (select 1 from stance.resource_tag t
         where t.account_id = x.account_id and t.resource_key = x.resource_key and ${is})`,
    )
  }
  return { where: `where ${conditions.join(' and ')}`, params }
}
