import { permissionsOf } from '../collect/kernel/permissions-of.ts'
import { listOf } from '../collect/kernel/table-reads.ts'
import { StanceError } from '../core/errors.ts'
import type { TableShape } from '../core/table-shape.ts'
import { sqlColumns } from '../core/table-shape.ts'
import { readsOfRule } from '../evaluate/rule-reads.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { ownViews } from '../lake/own-views.ts'
import { type Declared, loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'
import { servicesOf, tablesOfServices } from './service-words.ts'

export interface TableItem {
  table_name: string
  title: string
  provider: string
  service: string
  /** Once an account (`global`) or once a region (`region`). */
  parts: 'global' | 'region'
  /** For child tables: whose lists they hold. */
  parent: string | null
  columns: number
  /** Enabled rules that judge it. */
  rules: number
  /** More that read it, to judge others. */
  read_by: number
}

/** A view of Stance's own, beside the tables. */
export interface ViewItem {
  view_name: string
  title: string
  columns: number
}

export interface ViewShown extends ViewItem {
  column_list: { column_name: string; type: string; title: string }[]
}

export interface TableShown extends TableItem {
  docs: string
  groups: { group_name: string; title: string; permissions: readonly string[] }[]
  column_list: { column_name: string; type: string; group_name: string; title: string }[]
  children: readonly string[]
  within: string | null
  events: readonly string[]
  rule_ids: readonly string[]
}

/** All tables, or those of services; `refuse` hears of the services that there are. */
export async function listTables(
  settings: RunSettings['rules'],
  services: readonly string[] | undefined,
  refuse: (known: readonly string[]) => void,
): Promise<TableItem[]> {
  const declared = await loadDeclared(settings)
  refuse(servicesOf(declared.set))
  const reads = readsOfAll(declared.set)
  const wanted = services === undefined ? undefined : tablesOfServices(services, declared.set)
  return [...declared.catalogue.shapes.values()]
    .filter(({ name, parent }) => wanted === undefined || wanted.has(parent ?? name))
    .map((shape) => toItem(declared, shape, reads))
    .sort((a, b) => (a.table_name < b.table_name ? -1 : 1))
}

export function listViews(): ViewItem[] {
  return ownViews.map(({ name, title, columns }) => ({ view_name: name, title, columns: columns.length }))
}

/** Undefined: it is the name of no view. */
export function showView(name: string): ViewShown | undefined {
  const view = ownViews.find((one) => one.name === name)
  if (view === undefined) return undefined
  const { title, columns } = view
  return {
    view_name: name,
    title,
    columns: columns.length,
    column_list: columns.map((column) => ({
      column_name: column.name,
      type: column.type,
      title: column.title,
    })),
  }
}

export async function showTable(
  settings: RunSettings['rules'],
  name: string,
  nearest: (names: readonly string[]) => string | undefined,
): Promise<TableShown> {
  const declared = await loadDeclared(settings)
  const { catalogue, registry } = declared
  const shape = catalogue.shapes.get(name)
  if (shape === undefined) {
    const near = nearest([...catalogue.shapes.keys(), ...ownViews.map((view) => view.name)])
    throw new StanceError('TABLE_NOT_FOUND', `There is no table or view "${name}".`, {
      next:
        near === undefined
          ? 'See `stance tables list` for the names.'
          : `Did you mean ${near}? \`stance tables list\` has all.`,
    })
  }
  const table = registry.table(shape.parent ?? shape.name)
  const needed = permissionsOf(registry, { tables: new Set([table.name]) })
  const own = new Map(shape.columns.map((column) => [column.name, column]))
  const titles = new Map(Object.entries(table.groups).map(([group, { title }]) => [group, title ?? '']))
  return {
    ...toItem(declared, shape, readsOfAll(declared.set)),
    docs: table.docs,
    groups: shape.groups.map((group_name) => ({
      group_name,
      title:
        group_name === 'list'
          ? 'the listing itself'
          : group_name === 'derived'
            ? 'facts'
            : (titles.get(group_name) ?? ''),
      permissions: needed
        .filter(({ groups }) => groups.includes(`${table.name}.${group_name}`))
        .map(({ name: permission }) => permission),
    })),
    column_list: sqlColumns(shape).map(({ name: column_name, type }) => {
      const declaredColumn = own.get(column_name)
      return {
        column_name,
        type,
        group_name: declaredColumn?.group ?? '',
        title: declaredColumn?.title ?? bookkeeping[column_name] ?? readTitle(column_name),
      }
    }),
    children: [...catalogue.shapes.values()]
      .filter(({ parent }) => parent === name)
      .map((child) => child.name),
    within: shape.parent === undefined ? (listOf(table).within ?? null) : null,
    events: Object.keys(table.events ?? {}),
    rule_ids: [...declared.set.rules.values()]
      .filter(({ rule }) => rule.resource === name)
      .map(({ rule }) => rule.id),
  }
}

const bookkeeping: Record<string, string> = {
  account_id: 'The account that was asked',
  region: 'The home region, or `global`',
  resource_key: "The provider's global id; of a child row, its parent's",
  owner_account_id: 'The account that owns it',
  _part: 'The part that it was listed in',
  _listed: 'TRUE where the listing is in force, else NULL',
  _nr: 'Its place in the list, from 0',
  _new_in: 'When the scan began (or the read of it alone) that first saw it; NULL: before that was kept',
  _changed_in: 'When the scan began that last saw a name in it that it had not had; NULL: none',
  _new_names: 'Those names, each between bars: what an older list says of them does not count',
  _lost_names:
    'Names that a list has lost since this was read, each between bars: that they are gone does not count',
  _kept_groups: 'Groups that are kept as they were, since their last read failed, each between bars',
  _kept_facts:
    'Facts that follow from what is kept or about to be read: as they were, or NULL; each between bars',
}

function readTitle(column: string): string {
  return column.startsWith('_read_')
    ? `TRUE where the group ${column.slice('_read_'.length)} is in force, else NULL`
    : ''
}

/** Of each enabled rule: the tables that it reads, through facts too. */
function readsOfAll(set: RuleSet) {
  return [...set.rules.values()]
    .filter(({ enabled }) => enabled)
    .map((ready) => ({
      rule: ready.rule,
      tables: new Set(readsOfRule(set, ready).map(({ table }) => table)),
    }))
}

function toItem(
  { set, registry }: Declared,
  shape: TableShape,
  reads: ReturnType<typeof readsOfAll>,
): TableItem {
  const { name, title, provider, parts, parent = null, columns } = shape
  const rules = [...set.rules.values()].filter(({ rule, enabled }) => enabled && rule.resource === name)
  // Lists are read with what they are lists of.
  const table = parent ?? name
  let others = 0
  for (const { rule, tables } of reads) if (rule.resource !== name && tables.has(table)) others++
  return {
    table_name: name,
    title,
    provider,
    service: registry.table(parent ?? name).service,
    parts,
    parent,
    columns: columns.length,
    rules: rules.length,
    read_by: others,
  }
}
