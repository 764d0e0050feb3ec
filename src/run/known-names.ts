import { tables } from '../collect/tables.generated.ts'
import type { Reader } from '../db/database.ts'
import { serviceWords } from './service-words.ts'

/** The names that filters may use, to tell a slip of the pen from an empty result. */
export interface KnownNames {
  accounts: readonly string[]
  regions: readonly string[]
  services: readonly string[]
  tables: readonly string[]
  rules: readonly string[]
}

/** Of a table that holds the lists of another: that one's name. */
export function tableOfLists(name: string): string | undefined {
  return tables.find(({ children }) => children !== undefined && Object.hasOwn(children, name))?.name
}

/** What the lake knows by name; rules as they were last loaded into it. */
export async function readKnownNames(db: Reader): Promise<KnownNames> {
  const column = async (sql: string) => (await db.query<{ name: string }>(sql)).map(({ name }) => name)
  const distinct = (name: string, table: string) =>
    column(`select ${name} as name from ${table} group by ${name} order by ${name} nulls last`)
  const [rules, services, regions] = await Promise.all([
    distinct('rule_id', 'stance.rule'),
    distinct('service', 'stance.rule'),
    distinct('region', 'stance.resource'),
  ])
  const parts = await distinct('part', 'stance.cell')
  const accounts = new Set([
    ...(await distinct('account_id', 'stance.account')),
    ...(await distinct('account_id', 'stance.cell')),
  ])
  return {
    accounts: [...accounts].sort(),
    regions: [...new Set([...regions, ...parts.filter((part) => part !== '*')])].sort(),
    services: serviceWords(services),
    tables: tables.map(({ name }) => name).sort(),
    rules,
  }
}
