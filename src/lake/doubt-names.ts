import { type Catalogue, listGroup } from '../core/table-shape.ts'
import type { Param, Transaction } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { SeenRows } from './apply-chunk.ts'
import type { StateMap } from './group-state.ts'
import { KeyList } from './tally.ts'
import { betweenBars } from './write-typed-rows.ts'

/** A column of a table, or of child rows, that holds names of something else, and the column in which that is sought. */
export interface Naming {
  table: string
  column: string
  in: { table: string; column: string }
  /** It is asked whether there is one, and nothing else of it. */
  isAll: boolean
}

export interface LostNames {
  names: readonly string[] | 'all'
  /** Rows that were read before this name what they named then. */
  since: Date
}

/** Resources of which a name is in doubt now. */
export interface Doubted {
  account_id: string
  table: string
  region: string
  keys: readonly string[] | 'all'
}

const atOnce = 5_000

interface Known {
  resource_key: string
  region: string
  native_id: string
  list_read_at: Date
  state: string
}

export interface Loss {
  /** Whose list it is. */
  account_id: string
  /** Rows of any account may look into it; else those of its own. */
  across: boolean
  namings: readonly Naming[]
  lost: LostNames
}

/**
 * Marks the rows that name what a list has lost since they were read: they may name something else by now, so that it is
 * gone says nothing of them until they are read again.
 */
export async function doubtNames(
  tx: Transaction,
  shapes: Catalogue,
  { account_id, across, namings, lost }: Loss,
): Promise<Doubted[]> {
  return markNaming(tx, shapes, namings, lost.since, async (naming) => {
    const still = await namesStillThere(tx, account_id, naming, lost.names)
    const rows = await rowsThatName(tx, across ? null : account_id, naming, lost.names)
    return rows.filter(({ name }) => !still.has(name))
  })
}

/** A list that was read again, and the rows that changed after it was read before. */
export interface ReadLater {
  account_id: string
  namings: readonly Naming[]
  read_before: Date
  /** When the scan began that has read it now. */
  since: Date
}

/**
 * Marks the rows that came to name what a list lacks after it was read before, and that were not read since: it may have had
 * what they name in between, and they may name something else by now.
 */
export async function doubtMissing(
  tx: Transaction,
  shapes: Catalogue,
  { account_id, namings, read_before, since }: ReadLater,
): Promise<Doubted[]> {
  return markNaming(tx, shapes, namings, since, async ({ table, column, in: sought }) => {
    const rows = await tx.query<{ resource_key: string; name: string }>(
      `select distinct t.resource_key, t.${column} as name from lake.${table} t
       left join (select distinct x.${sought.column} as name from lake.${sought.table} x where x.account_id = $1::text) k
         on k.name = t.${column}
       where t.account_id = $1::text and (t._new_in > $2::timestamptz or t._changed_in > $2::timestamptz)
         and t.${column} <> '' and k.name is null`,
      [account_id, read_before],
    )
    return rows.map(({ resource_key, name }) => ({ id: `${account_id} ${resource_key}`, name }))
  })
}

/** Marks the rows that are found for each naming, as far as what names it was read before. */
async function markNaming(
  tx: Transaction,
  shapes: Catalogue,
  namings: readonly Naming[],
  since: Date,
  find: (naming: Naming) => Promise<{ id: string; name: string }[]>,
): Promise<Doubted[]> {
  const doubted: Doubted[] = []
  const byTable = Map.groupBy(namings, ({ table }) => shapes.get(table)?.parent ?? table)
  for (const [table, own] of [...byTable].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const named = new Map<string, Map<string, string[]>>()
    for (const naming of own)
      for (const { id, name } of await find(naming)) {
        const names = named.get(id) ?? new Map<string, string[]>()
        named.set(id, names.set(name, [...(names.get(name) ?? []), groupOf(shapes, naming)]))
      }
    const accounts = Map.groupBy(named, ([id]) => id.slice(0, id.indexOf(' ')))
    // Whoever takes turns of several accounts takes them in one order.
    for (const [account, some] of [...accounts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const keys = some.map(([id]) => id.slice(account.length + 1))
      const ofKey = (key: string) => named.get(`${account} ${key}`) ?? new Map<string, string[]>()
      doubted.push(...(await mark(tx, shapes, { account, table, keys, ofKey, since })))
    }
  }
  return doubted
}

/** Names that other rows of the list hold where they are sought: what is looked up by them, and by nothing else, is there. */
async function namesStillThere(
  tx: Transaction,
  accountId: string,
  { in: { table, column }, isAll }: Naming,
  names: readonly string[] | 'all',
): Promise<Set<string>> {
  const still = new Set<string>()
  if (!isAll) return still
  for (const chunk of names === 'all' ? ['all' as const] : chunksOf(names)) {
    const rows = await tx.query<{ name: string }>(
      `select distinct x.${column} as name from lake.${table} x where x.account_id = $1::text
       and ${chunk === 'all' ? `x.${column} <> ''` : `x.${column} = any($2::text[])`}`,
      chunk === 'all' ? [accountId] : [accountId, chunk],
    )
    for (const { name } of rows) still.add(name)
  }
  return still
}

/** The group that tells the names of a column; a child's rows come from one. */
function groupOf(shapes: Catalogue, { table, column }: Naming): string {
  return shapes.get(table)?.columns.find(({ name }) => name === column)?.group ?? listGroup
}

async function rowsThatName(
  tx: Transaction,
  accountId: string | null,
  { table, column }: Naming,
  names: readonly string[] | 'all',
): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = []
  const chunks = names === 'all' ? ['all' as const] : chunksOf(names)
  for (const chunk of chunks) {
    const params: Param[] = []
    const at = (param: Param) => `$${String(params.push(param))}`
    const where = [
      ...(accountId === null ? [] : [`t.account_id = ${at(accountId)}::text`]),
      chunk === 'all' ? `t.${column} <> ''` : `t.${column} = any(${at(chunk)}::text[])`,
    ]
    const rows = await tx.query<{ account_id: string; resource_key: string; name: string }>(
      `${accountId === null ? '/* pull: the accounts whose rows look into this one */ ' : ''}select distinct t.account_id, t.resource_key, t.${column} as name from lake.${table} t where ${where.join(' and ')}`,
      params,
    )
    for (const { account_id, resource_key, name } of rows)
      found.push({ id: `${account_id} ${resource_key}`, name })
  }
  return found
}

function chunksOf(names: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let at = 0; at < names.length; at += atOnce) chunks.push(names.slice(at, at + atOnce))
  return chunks
}

interface Marking {
  account: string
  table: string
  keys: readonly string[]
  ofKey: (key: string) => ReadonlyMap<string, readonly string[]>
  since: Date
}

async function mark(
  tx: Transaction,
  shapes: Catalogue,
  { account, table, keys, ofKey, since }: Marking,
): Promise<Doubted[]> {
  await takeTurn(tx, account)
  const tables = [
    table,
    ...[...shapes.values()].filter(({ parent }) => parent === table).map(({ name }) => name),
  ]
  const regions = new Map<string, KeyList>()
  for (const some of chunksOf(keys)) {
    const rows = await tx.query<Known>(
      `select r.resource_key, r.region, r.native_id, r.list_read_at, r.state from stance.resource r
       where r.account_id = $1::text and r.resource_key = any($2::text[])`,
      [account, some],
    )
    const seen = new SeenRows(account, `doubt ${table}`)
    const marked: string[] = []
    const texts: string[] = []
    for (const row of rows) {
      const state = JSON.parse(row.state) as StateMap
      const list = state[listGroup]
      const known = list?.lost_names ?? {}
      const fresh = [...ofKey(row.resource_key)].flatMap(([name, groups]) => {
        const older = groups.filter((group) => isReadBefore(state, group, since))
        if (older.length === 0 || isOwnName(row, name)) return []
        const all = new Set([...(known[name]?.groups ?? []), ...older])
        return [[name, { groups: [...all].sort(), since: since.toISOString() }] as const]
      })
      if (list === undefined || fresh.length === 0) continue
      const lost_names = { ...known, ...Object.fromEntries(fresh) }
      seen.add(row.resource_key, { ...state, [listGroup]: { ...list, lost_names } }, row.list_read_at)
      marked.push(row.resource_key)
      texts.push(betweenBars(Object.keys(lost_names)) ?? '')
      const own = regions.get(row.region) ?? new KeyList()
      regions.set(row.region, own)
      own.add([row.resource_key])
    }
    if (marked.length === 0) continue
    await seen.flush(tx)
    // It is written anew when it is read again.
    await tx.run(
      `update stance.resource set row_hash = '' where account_id = $1::text and resource_key = any($2::text[])`,
      [account, marked],
    )
    for (const name of tables)
      await tx.run(
        `update lake.${name} as t set _lost_names = c.names
         from (select unnest($2::text[]) as resource_key, unnest($3::text[]) as names) c
         where t.account_id = $1::text and t.resource_key = c.resource_key`,
        [account, marked, texts],
      )
  }
  return [...regions].map(([region, own]) => ({ account_id: account, table, region, keys: own.list() }))
}

/** What a resource itself is called does not change. */
function isOwnName({ resource_key, native_id }: Known, name: string): boolean {
  return name === resource_key || name === native_id
}

/** The last good read of the group that has the name. */
function isReadBefore(state: StateMap, group: string, since: Date): boolean {
  const read = state[group]?.ok_at ?? state[group]?.read_at
  return read === undefined || Date.parse(read) < since.getTime()
}
