import type { ColumnType, Param, Transaction } from './database.ts'

/**
 * Change detection in one shape on all engines: staged rows are compared with the current ones into a change
 * table, both ways; then delete, insert and history each read from it. MERGE … RETURNING, temporary tables and
 * VALUES as a source do not distribute over Citus; these statements do, each on the shard of its account.
 *
 * Stage and change table carry `batch`; the change table also `change` ('new', 'changed', 'gone') and, beside
 * every compared and kept column, `old_<column>`.
 */
export interface ChangeShape {
  /** schema-qualified */
  stage: string
  current: string
  change: string
  /** The key without account_id, which every table has. */
  key: readonly string[]
  /** A difference in one of these makes a change. */
  compared: readonly { name: string; type: ColumnType }[]
  /** Written as staged, but no change by itself. */
  carried?: readonly string[]
  /** A changed row keeps what the current one has (`first_seen`, …). */
  kept?: readonly string[]
  /** Where what was goes: the old values, from `from` (a compared, kept or carried column) until `until`. */
  history?: { table: string; from: string; validFrom: string; validTo: string }
}

export interface ChangeScope {
  accountId: string
  batch: string
  /**
   * Which current rows the stage speaks for: those of them that are not staged are gone. A condition on `c`
   * (the current row) with parameters from $3 on. Without it nothing is ever gone.
   */
  within?: { condition: string; params: readonly Param[] }
  /** When: closes the interval in history. */
  moment: Date
}

export interface ChangeCounts {
  new: number
  changed: number
  gone: number
}

/** Takes what was staged for one account and batch into the current table; the change table says what happened. */
export async function applyChanges(
  tx: Transaction,
  shape: ChangeShape,
  scope: ChangeScope,
): Promise<ChangeCounts> {
  const base = [scope.accountId, scope.batch]
  await tx.run(detectStaged(shape), base)
  if (scope.within) await tx.run(detectGone(shape, scope.within.condition), [...base, ...scope.within.params])
  const counts = await countChanges(tx, shape, base)
  await tx.run(`delete from ${shape.stage} where account_id = $1 and batch = $2`, base)
  if (shape.history && counts.changed + counts.gone > 0) {
    await tx.run(recordHistory(shape, shape.history), [...base, scope.moment])
  }
  if (counts.changed + counts.gone > 0) await tx.run(removeOld(shape), base)
  if (counts.new + counts.changed > 0) await tx.run(insertNew(shape), base)
  return counts
}

/** After who else reads the changes (events, counts) is done. */
export async function clearChanges(
  tx: Transaction,
  shape: ChangeShape,
  scope: Pick<ChangeScope, 'accountId' | 'batch'>,
): Promise<void> {
  await tx.run(`delete from ${shape.change} where account_id = $1 and batch = $2`, [
    scope.accountId,
    scope.batch,
  ])
}

export function detectStaged(shape: ChangeShape): string {
  const { columns, compared, old } = parts(shape)
  const kept = new Set(shape.kept)
  const values = columns.map((name) => (kept.has(name) ? `coalesce(c.${name}, s.${name})` : `s.${name}`))
  const differs = compared.map(
    ({ name, type }) => `s.${comparable(name, type)} is distinct from c.${comparable(name, type)}`,
  )
  return `insert into ${shape.change} (account_id, batch, change, ${list([...shape.key, ...columns, ...old.map(toOld)])})
select ${list([
    's.account_id',
    's.batch',
    `case when c.account_id is null then 'new' else 'changed' end`,
    ...shape.key.map((name) => `s.${name}`),
    ...values,
    ...old.map((name) => `c.${name}`),
  ])}
from ${shape.stage} as s
left join ${shape.current} as c on c.account_id = s.account_id and c.account_id = $1 and ${sameKey(shape, 'c', 's')}
where s.account_id = $1 and s.batch = $2 and (c.account_id is null or ${differs.join(' or ')})`
}

export function detectGone(shape: ChangeShape, condition: string): string {
  const { old } = parts(shape)
  return `insert into ${shape.change} (account_id, batch, change, ${list([...shape.key, ...old.map(toOld)])})
select ${list(['c.account_id', '$2::text', `'gone'`, ...shape.key.map((name) => `c.${name}`), ...old.map((name) => `c.${name}`)])}
from ${shape.current} as c
left join ${shape.stage} as s
  on s.account_id = c.account_id and s.account_id = $1 and s.batch = $2 and ${sameKey(shape, 's', 'c')}
where c.account_id = $1 and s.account_id is null and (${condition})`
}

export function recordHistory(shape: ChangeShape, history: NonNullable<ChangeShape['history']>): string {
  const { old } = parts(shape)
  const values = old.filter((name) => name !== history.from)
  return `insert into ${history.table} (account_id, ${list([...shape.key, ...values, history.validFrom, history.validTo])})
select ${list(['x.account_id', ...shape.key.map((name) => `x.${name}`), ...values.map((name) => `x.${toOld(name)}`), `x.${toOld(history.from)}`, '$3::timestamptz'])}
from ${shape.change} as x
where x.account_id = $1 and x.batch = $2 and x.change <> 'new'`
}

export function removeOld(shape: ChangeShape): string {
  return `delete from ${shape.current} as c using ${shape.change} as x
where c.account_id = $1 and x.account_id = $1 and x.account_id = c.account_id and ${sameKey(shape, 'x', 'c')}
  and x.batch = $2 and x.change <> 'new'`
}

export function insertNew(shape: ChangeShape): string {
  const all = list(['account_id', ...shape.key, ...parts(shape).columns])
  return `insert into ${shape.current} (${all})
select ${all} from ${shape.change} where account_id = $1 and batch = $2 and change <> 'gone'`
}

async function countChanges(tx: Transaction, shape: ChangeShape, base: Param[]): Promise<ChangeCounts> {
  const rows = await tx.query<{ change: keyof ChangeCounts; n: number }>(
    `select change, count(*) as n from ${shape.change} where account_id = $1 and batch = $2 group by change`,
    base,
  )
  const counts: ChangeCounts = { new: 0, changed: 0, gone: 0 }
  for (const { change, n } of rows) counts[change] = n
  return counts
}

function parts(shape: ChangeShape) {
  const compared = shape.compared
  const names = compared.map((column) => column.name)
  const kept = [...(shape.kept ?? [])]
  const from = shape.history?.from
  const old = [...names, ...kept]
  if (from !== undefined && !old.includes(from)) old.push(from)
  return { compared, columns: [...names, ...(shape.carried ?? []), ...kept], old }
}

/** PostgreSQL's json has no equality. */
function comparable(name: string, type: ColumnType): string {
  return type === 'json' ? `${name}::text` : name
}

function sameKey(shape: ChangeShape, left: string, right: string): string {
  return shape.key.map((name) => `${left}.${name} = ${right}.${name}`).join(' and ')
}

const toOld = (name: string) => `old_${name}`

const list = (names: readonly string[]) => names.join(', ')
