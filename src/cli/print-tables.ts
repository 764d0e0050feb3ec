import { nearest } from '../core/nearest.ts'
import {
  listViews,
  showTable as readTable,
  listTables as readTables,
  showView,
  type ViewShown,
} from '../run/list-tables.ts'
import type { TablesListContext } from './commands/tables-list.ts'
import type { TableContext } from './commands/tables-show.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import type { Screen } from './screen/screen.ts'
import { counted } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

export async function listTables({ out, json, options, config }: TablesListContext): Promise<number> {
  const items = await readTables(config().rules, options.service, (known) =>
    refuseUnknownNames('--service', options.service, known, 'See `stance tables list`.'),
  )
  const views = options.service === undefined ? listViews() : []
  if (json) {
    await writeJsonList(out, asChunks(items), { total: items.length, views })
    return 0
  }
  const { palette } = out
  const whole = true as const
  const named = true as const
  out.table(
    [
      { title: 'table', whole },
      { title: 'what' },
      { title: 'listed', whole },
      { title: 'columns', align: 'right', whole, named },
      { title: 'rules', align: 'right', whole, named },
      { title: 'read by', align: 'right', whole, named },
    ],
    items.map((one): Cell[] => [
      { text: one.parent === null ? one.table_name : `  ${one.table_name}`, paint: palette.cyan },
      one.title,
      one.parent === null ? (one.parts === 'global' ? 'once' : 'per region') : '',
      one.columns,
      { text: one.rules || '', paint: palette.plain },
      { text: one.read_by || '', paint: palette.dim },
    ]),
  )
  if (views.length > 0) {
    out.line()
    out.table(
      [{ title: 'view', whole }, { title: 'a row is' }, { title: 'columns', align: 'right', whole, named }],
      views.map((one): Cell[] => [{ text: one.view_name, paint: palette.cyan }, one.title, one.columns]),
    )
  }
  out.line()
  const parents = items.filter(({ parent }) => parent === null).length
  const lists = counted(items.length - parents, 'table of lists', 'tables of lists')
  const beside = views.length === 0 ? '' : `, ${counted(views.length, 'view')} beside them`
  out.flow(palette.bold(`${counted(parents, 'table')}, ${lists} in them${beside}`))
  out.hint('More of one', 'stance tables show <table or view>')
  out.hint('Ask them', 'stance query "select …"')
  return 0
}

export async function showTable({ args, out, json, config }: TableContext): Promise<number> {
  const name = args[0] ?? ''
  const view = showView(name)
  if (view !== undefined) {
    if (json) out.json(view)
    else printView(out, view)
    return 0
  }
  const table = await readTable(config().rules, name, (names) => nearest(name, names))
  if (json) {
    out.json(table)
    return 0
  }
  const { palette } = out
  const whole = true as const
  out.heading(table.table_name)
  out.flow(table.title)
  out.line()
  out.pairs([
    ['service', table.service],
    ['listed', table.parts === 'global' ? 'once an account' : 'once a region'],
    ...(table.parent === null ? [] : [['lists of', table.parent] as [string, Cell]]),
    ...(table.within === null ? [] : [['listed within', table.within] as [string, Cell]]),
    ...(table.children.length === 0 ? [] : [['has lists', table.children.join(', ')] as [string, Cell]]),
    ['judged by', table.rule_ids.length === 0 ? 'no rule' : counted(table.rule_ids.length, 'rule')],
    ...(table.read_by === 0
      ? []
      : [
          [
            'read by',
            `${counted(table.read_by, 'rule')} ${table.read_by === 1 ? 'that judges another table' : 'that judge other tables'}`,
          ] as [string, Cell],
        ]),
    ['documentation', table.docs],
  ])
  out.line()
  const kept = table.column_list.length - table.columns
  out.heading(`Columns: ${table.columns} of its own, ${kept} for its key and for what was read`)
  out.table(
    [{ title: 'column', whole }, { title: 'type', whole }, { title: 'group', whole }, { title: 'meaning' }],
    table.column_list.map((column): Cell[] => [
      { text: column.column_name, paint: column.group_name === '' ? palette.dim : palette.cyan },
      column.type,
      { text: column.group_name, paint: palette.dim },
      column.title,
    ]),
    2,
  )
  out.line()
  out.heading('Groups: what one read fills, and what it must be allowed')
  out.table(
    [{ title: 'group', whole }, { title: 'permissions' }, { title: '' }],
    table.groups.map(({ group_name, permissions, title }): Cell[] => [
      group_name,
      permissions.length === 0 ? 'none' : permissions.join(', '),
      title,
    ]),
    2,
  )
  out.line()
  out.flow(palette.dim('A column is NULL exactly where its group was not read.'))
  out.hint('Rules on it', `stance rules list --table ${table.table_name}`)
  return 0
}

function printView(out: Screen, { view_name, title, column_list }: ViewShown): void {
  const { palette } = out
  const whole = true as const
  out.heading(view_name)
  out.prose(`${title}.`)
  out.line()
  out.heading('Columns')
  out.table(
    [{ title: 'column', whole }, { title: 'type', whole }, { title: 'meaning' }],
    column_list.map((column): Cell[] => [
      { text: column.column_name, paint: palette.cyan },
      column.type,
      column.title,
    ]),
    2,
  )
  out.line()
  out.hint('Ask it', `stance query "select * from ${view_name}"`)
}
