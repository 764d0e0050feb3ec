/**
 * What a table looks like from outside: enough to name, type and judge it, nothing of how it is read.
 * The lake derives it from declarations; the language, the sandbox and the docs read it.
 */
export type LakeType = 'text' | 'boolean' | 'bigint' | 'double' | 'timestamptz'

/** The group of columns that facts derive; every other group is read from the provider. */
export const derivedGroup = 'derived'
/** The group that the listing itself fills; its columns are read whenever the row is listed. */
export const listGroup = 'list'

export interface ColumnShape {
  name: string
  type: LakeType
  /** Which read fills it; NULL exactly when that read is not in force. */
  group: string
  title: string
}

/**
 * A typed table of the lake. Bookkeeping columns stand before the declared ones and are not in `columns`:
 * - resource table: account_id, region, resource_key, owner_account_id, _part, _listed, _kept_facts, those of `novelty`, and
 *   _read_<group> for each group but `list` and `derived` (booleans, TRUE or NULL, never FALSE)
 * - child table: account_id, region, resource_key (its parent's), _nr (bigint), and its parent's `novelty`
 */
export interface TableShape {
  name: string
  title: string
  provider: string
  /** Listed once per account (`global`) or once per region (`region`). */
  parts: 'global' | 'region'
  /** Groups in order; a resource table's begin with `list`. A child's has the one group of its parent that fills it. */
  groups: readonly string[]
  columns: readonly ColumnShape[]
  /** Child tables: the table whose lists they hold. */
  parent?: string
  /** Columns each of whose names one row has at most, in an account and region; beside the resource key of a resource table. */
  unique: readonly string[]
}

/** Every table by name, child tables too. */
export type Catalogue = ReadonlyMap<string, TableShape>

/**
 * How old a row is beside others: since when it may name something that an older list cannot have, and how old it is itself.
 * - `_new_in`: when the scan began (or the read of one resource) that first saw the resource; NULL: long ago
 * - `_changed_in`, `_new_names`: when that began which last saw a name in it that it had not had, and those names, each between
 *   bars (`|a|b|`); NULL: long ago, none
 * - `_lost_names`: names in it that a list has lost since it was read itself: it may name something else by now
 * - `_kept_groups`: its groups that are kept as they were since reading them failed, each between bars; NULL: none
 */
export const novelty = [
  { name: '_new_in', type: 'timestamptz' },
  { name: '_changed_in', type: 'timestamptz' },
  { name: '_new_names', type: 'text' },
  { name: '_lost_names', type: 'text' },
  { name: '_kept_groups', type: 'text' },
] as const satisfies readonly { name: string; type: LakeType }[]

export const resourceBookkeeping = [
  { name: 'account_id', type: 'text' },
  { name: 'region', type: 'text' },
  { name: 'resource_key', type: 'text' },
  { name: 'owner_account_id', type: 'text' },
  { name: '_part', type: 'text' },
  { name: '_listed', type: 'boolean' },
  // Facts that follow from what was not confirmed, each between bars: as they were, or NULL where they would be others.
  { name: '_kept_facts', type: 'text' },
  ...novelty,
] as const satisfies readonly { name: string; type: LakeType }[]

export const childBookkeeping = [
  { name: 'account_id', type: 'text' },
  { name: 'region', type: 'text' },
  { name: 'resource_key', type: 'text' },
  { name: '_nr', type: 'bigint' },
  ...novelty,
] as const satisfies readonly { name: string; type: LakeType }[]

export function readColumn(group: string): string {
  return group === listGroup ? '_listed' : `_read_${group}`
}

/** All columns of the SQL table in order, bookkeeping first. */
export function sqlColumns(table: TableShape): { name: string; type: LakeType }[] {
  const own = table.columns.map(({ name, type }) => ({ name, type }))
  if (table.parent !== undefined) return [...childBookkeeping, ...own]
  const read = table.groups
    .filter((group) => group !== listGroup && group !== derivedGroup)
    .map((group) => ({ name: readColumn(group), type: 'boolean' as const }))
  return [...resourceBookkeeping, ...read, ...own]
}
