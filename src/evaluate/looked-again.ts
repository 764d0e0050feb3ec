import type { Transaction } from '../db/database.ts'
import { doubtMissing, doubtNames, type LostNames, type Naming } from '../lake/doubt-names.ts'
import { mostKeys, type TableChanged } from './affected.ts'
import type { TableLookup } from './language/dependencies.ts'
import { conditionsOf, type RuleSet } from './rule-set.ts'

/** A list that was read well again, and when it was before. */
export interface ReadAgain {
  table: string
  read_before: Date
  /** When the scan began that has read it now. */
  since: Date
}

/** The lookups of all conditions that are on, by the table that they look into. */
export function lookupsByTable(set: RuleSet): ReadonlyMap<string, readonly TableLookup[]> {
  const rules = [...set.rules.values()].filter(({ enabled }) => enabled)
  const conditions = [...rules.flatMap(conditionsOf), ...set.facts.map(({ when }) => when)]
  const all = conditions.flatMap(({ dependencies }) => dependencies.lookups)
  const each = new Map(all.map((one) => [JSON.stringify(one), one]))
  return Map.groupBy(each.values(), ({ of }) => of)
}

/**
 * Rows that changed after a list was read, and looked for something in it that it does not have, are unknown until it is
 * read again: what must be looked at now that it was.
 */
export async function lookedAgain(
  tx: Transaction,
  set: RuleSet,
  lookups: ReadonlyMap<string, readonly TableLookup[]>,
  account_id: string,
  lists: readonly ReadAgain[],
): Promise<TableChanged[]> {
  const since = new Map<string, Date>()
  const across = new Map<string, Date>()
  for (const { table, read_before } of lists) {
    for (const lookup of lookups.get(table) ?? []) {
      // What looks into any account looks into its own.
      setOldest(since, lookup.around, read_before)
      if (lookup.across) setOldest(across, `${table} ${lookup.around}`, read_before)
    }
  }
  const changed: TableChanged[] = []
  if (since.size > 0) {
    const fresh = new Set<string>()
    const rows = await tx.query<{ table_name: string; changed_in: Date | null }>(
      `select c.table_name, max(c.changed_in) as changed_in from stance.cell c
       where c.account_id = $1::text group by c.table_name`,
      [account_id],
    )
    for (const { table_name, changed_in } of rows) {
      const before = since.get(table_name)
      if (before === undefined || changed_in === null || changed_in <= before) continue
      changed.push(...(await changedSince(tx, account_id, table_name, before)))
      fresh.add(table_name)
    }
    // They are among those that are looked at again.
    for (const { table, ...read } of lists) {
      const all = [false, true].flatMap((across) => namingsOf(set, lookups, table, across))
      const namings = all.filter((one) => fresh.has(set.catalogue.get(one.table)?.parent ?? one.table))
      if (namings.length > 0) await doubtMissing(tx, set.catalogue, { account_id, namings, ...read })
    }
  }
  for (const [pair, before] of across) {
    const [table = '', around = ''] = pair.split(' ')
    const [some] = await tx.query<{ changed_in: Date | null }>(
      `/* pull: the accounts whose rows look into this one */
       select max(c.changed_in) as changed_in from stance.cell c where c.table_name = $1::text`,
      [around],
    )
    if (some?.changed_in != null && some.changed_in > before)
      changed.push({ table, region: '*', keys: 'all' })
  }
  return changed
}

/** Rows that name what a list has lost since they were read are in doubt, and looked at again. */
export async function doubtLost(
  tx: Transaction,
  set: RuleSet,
  lookups: ReadonlyMap<string, readonly TableLookup[]>,
  account_id: string,
  lists: readonly { table: string; lost: LostNames }[],
): Promise<TableChanged[]> {
  const changed: TableChanged[] = []
  for (const { table, lost } of lists)
    for (const across of [false, true]) {
      const namings = namingsOf(set, lookups, table, across)
      if (namings.length === 0) continue
      const doubted = await doubtNames(tx, set.catalogue, { account_id, across, namings, lost })
      // Those of other accounts are judged again because the table that they look into has changed.
      for (const one of doubted) if (one.account_id === account_id) changed.push(one)
    }
  return changed
}

/** What rows name that look into a table. */
function namingsOf(
  set: RuleSet,
  lookups: ReadonlyMap<string, readonly TableLookup[]>,
  table: string,
  across: boolean,
): Naming[] {
  return (lookups.get(table) ?? []).flatMap((one) =>
    one.across === across && one.by !== undefined && isText(set, one.by) ? [one.by] : [],
  )
}

function isText({ catalogue }: RuleSet, { table, column }: Naming): boolean {
  return catalogue.get(table)?.columns.some(({ name, type }) => name === column && type === 'text') === true
}

function setOldest(moments: Map<string, Date>, key: string, moment: Date): void {
  const known = moments.get(key)
  if (known === undefined || moment < known) moments.set(key, moment)
}

async function changedSince(
  tx: Transaction,
  account_id: string,
  table: string,
  before: Date,
): Promise<TableChanged[]> {
  const rows = await tx.query<{ resource_key: string; region: string }>(
    `select t.resource_key, t.region from lake.${table} t
     where t.account_id = $1::text and (t._new_in > $2::timestamptz or t._changed_in > $2::timestamptz)
     limit ${mostKeys + 1}`,
    [account_id, before],
  )
  if (rows.length > mostKeys) return [{ table, region: '*', keys: 'all' }]
  return [...Map.groupBy(rows, ({ region }) => region)].map(([region, own]) => ({
    table,
    region,
    keys: own.map(({ resource_key }) => resource_key),
  }))
}
