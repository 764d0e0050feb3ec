import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'

/** What is counted of all that the store holds; not given: all. */
export interface Scope {
  accounts?: readonly string[] | undefined
  regions?: readonly string[] | undefined
  tables?: readonly string[] | undefined
  rules?: readonly string[] | undefined
}

/** `select` names the table as f; `after`: columns that are later than a moment. */
export function countWithin<T extends object>(
  db: Reader,
  select: string,
  end: string,
  scope: Scope,
  after: Readonly<Record<string, Date>> = {},
): Promise<T[]> {
  const asked = new Conditions().among({
    'f.account_id': scope.accounts,
    'f.region': scope.regions,
    'f.table_name': scope.tables,
    'f.rule_id': scope.rules,
  })
  for (const [column, moment] of Object.entries(after))
    asked.add(`${column} > ${asked.param(moment)}::timestamptz`)
  return db.query<T>(`${select} where ${asked.sql} ${end}`, asked.params)
}
