import { derivedGroup, listGroup, readColumn, sqlColumns, type TableShape } from '../../core/table-shape.ts'
import type { Expr, From } from '../../db/sql/ast.ts'
import {
  all,
  any,
  binary,
  call,
  column,
  equal,
  isTest,
  no,
  select,
  table,
  textValue,
  when,
} from '../../db/sql/build.ts'

interface Places {
  /** The table whose list holds the rows: itself, or the parent of child rows. */
  parent: string
  relation: string
  resources: string
  cells: string
  awaitedFacts: ReadonlySet<string> | undefined
  as: string
}

/**
 * Rows without what is kept of them: of a list whose last read failed, or that a scan is about to read, all that was read
 * before; else the groups whose last read failed, and the facts that are kept for them. Child rows are there, or they are not.
 */
export function confirmedRows(
  shape: TableShape,
  { parent, relation, resources, cells, awaitedFacts, as }: Places,
): From {
  const isListed = isTest('null', column('c', 'account_id'))
  const isConfirmed = (group: string): Expr =>
    group === listGroup ? isListed : all([isListed, isNotAmong(column('t', '_kept_groups'), group)])
  const isKnown = (fact: string): Expr =>
    awaitedFacts?.has(`${shape.name}.${fact}`) === true
      ? no
      : all([isListed, isNotAmong(column('t', '_kept_facts'), fact)])
  const query = select({
    targets: sqlColumns(shape).map(({ name }) => ({ expr: printed(name), as: name })),
    from: [
      {
        kind: 'join',
        join: 'left',
        left: {
          kind: 'join',
          join: 'left',
          left: table(relation, 't'),
          right: table(resources, 'r'),
          on: all([sameOf('r', 't', 'account_id'), sameOf('r', 't', 'resource_key')]),
        },
        right: table(cells, 'c'),
        on: all([
          sameOf('c', 't', 'account_id'),
          equal(column('c', 'table_name'), textValue(parent)),
          sameOf('c', 'r', 'part'),
          any([
            all([
              equal(column('c', 'state'), textValue('error')),
              binary('<', column('r', 'list_read_at'), column('c', 'attempted_at')),
            ]),
            ...(awaitedFacts === undefined
              ? []
              : [binary('<', column('r', 'list_read_at'), column('c', 'awaited_since'))]),
          ]),
        ]),
      },
    ],
    where: shape.parent === undefined ? undefined : all(shape.groups.map(isConfirmed)),
  })
  return { kind: 'subselect', query, as }

  function printed(name: string): Expr {
    const read = column('t', name)
    if (shape.parent !== undefined) return read
    const group =
      shape.columns.find((one) => one.name === name)?.group ??
      shape.groups.find((one) => readColumn(one) === name)
    if (group === undefined) return read
    return when(group === derivedGroup ? isKnown(name) : isConfirmed(group), read)
  }
}

/** Only those count that were read well when they were read last, and are not about to be read. */
export function confirmedCells(cells: string, as: string, isSettled: boolean): From {
  const names = ['account_id', 'table_name', 'part', 'state', 'ok_at']
  const isRead = all([
    binary('<>', column('c', 'state'), textValue('error')),
    ...(isSettled ? [isTest('null', column('c', 'awaited_since'))] : []),
  ])
  const targets = [
    ...names.map((name) => ({ expr: column('c', name), as: name })),
    { expr: all([column('c', 'in_force'), isRead]), as: 'in_force' },
  ]
  return { kind: 'subselect', query: select({ targets, from: [table(cells, 'c')] }), as }
}

function sameOf(one: string, other: string, name: string): Expr {
  return equal(column(one, name), column(other, name))
}

function isNotAmong(names: Expr, name: string): Expr {
  const place = call('strpos', call('coalesce', names, textValue('')), textValue(`|${name}|`))
  return binary('=', place, { kind: 'number', text: '0' })
}
