import type { Param, Reader } from '../db/database.ts'
import { type KnownResource, resourceColumns, toKnown } from './known-resource.ts'

export interface ResourceFilter {
  accounts?: readonly string[]
  tables?: readonly string[]
  regions?: readonly string[]
  /** Part of the name, native id or key, in any case. */
  text?: string
  /** The last of the page before. */
  after?: { account_id: string; resource_key: string }
  limit?: number
}

const columns = resourceColumns.map(({ name }) => name).join(', ')

/** One resource with its document. */
export async function getResource(
  db: Reader,
  accountId: string,
  key: string,
): Promise<KnownResource | undefined> {
  const rows = await db.query(
    `select ${columns} from stance.resource where account_id = $1 and resource_key = $2`,
    [accountId, key],
  )
  return rows[0] === undefined ? undefined : toKnown(rows[0])
}

/** What a person means by a name: the key, the native id or the name, of any account. */
export async function findResources(db: Reader, text: string, limit = 20): Promise<KnownResource[]> {
  const rows = await db.query(
    `select ${columns} from stance.resource where resource_key = $1 or native_id = $1 or name = $1
     order by account_id nulls last, resource_key nulls last limit ${Math.floor(limit)}`,
    [text],
  )
  return rows.map(toKnown)
}

/** A page of resources without their documents, by account and key. */
export async function getResources(
  db: Reader,
  filter: ResourceFilter = {},
): Promise<Omit<KnownResource, 'content'>[]> {
  const params: Param[] = []
  const conditions = ['true']
  const add = (sql: (at: string) => string, value: Param) => {
    params.push(value)
    conditions.push(sql(`$${params.length}`))
  }
  if (filter.accounts) add((at) => `account_id = any(${at}::text[])`, filter.accounts)
  if (filter.tables) add((at) => `table_name = any(${at}::text[])`, filter.tables)
  if (filter.regions) add((at) => `region = any(${at}::text[])`, filter.regions)
  if (filter.text !== undefined) {
    const inside = (name: string, at: string) => `strpos(lower(${name}), ${at}) > 0`
    add(
      (at) => `(${['name', 'native_id', 'resource_key'].map((name) => inside(name, at)).join(' or ')})`,
      filter.text.toLowerCase(),
    )
  }
  if (filter.after) {
    params.push(filter.after.account_id, filter.after.resource_key)
    const [account, key] = [`$${params.length - 1}`, `$${params.length}`]
    conditions.push(`(account_id > ${account} or (account_id = ${account} and resource_key > ${key}))`)
  }
  const light = resourceColumns.filter(({ name }) => name !== 'content').map(({ name }) => name)
  const limit = Math.max(1, Math.floor(filter.limit ?? 1_000))
  const rows = await db.query(
    `select ${light.join(', ')} from stance.resource where ${conditions.join(' and ')}
     order by account_id nulls last, resource_key nulls last limit ${limit}`,
    params,
  )
  return rows.map((row) => {
    const { content: _, ...rest } = toKnown(row)
    return rest
  })
}
