import { randomUUID } from 'node:crypto'
import { schemaWorld, type World } from '../core/world.ts'
import type { Database, LoadTarget } from '../db/database.ts'
import { ensureTables } from '../db/ensure-tables.ts'
import { quoteName } from '../db/identifier.ts'
import { loadTarget } from '../db/load-target.ts'
import { type LakeCatalogue, lakeTable } from './catalogue.ts'
import { storedShape } from './ensure-lake.ts'
import { cellsAt, resourcesAt, toTypedThen } from './past-resources.ts'
import { loadTypedRows } from './write-typed-rows.ts'

export interface ScratchWorld {
  world: World
  schema: string
  drop(): Promise<void>
}

/** Where the cells of a scratch world are loaded. */
export function scratchCells(schema: string): LoadTarget {
  return loadTarget(`${schema}.cell`, {
    account_id: 'text',
    table_name: 'text',
    part: 'text',
    state: 'text',
    in_force: 'boolean',
    ok_at: 'timestamptz',
  })
}

/** A schema of its own with empty typed tables and an empty `cell`; whoever makes it drops it. */
export async function openScratchWorld(
  db: Database,
  catalogue: LakeCatalogue,
  tables: readonly string[],
  schema = `scratch_${randomUUID().replaceAll('-', '').slice(0, 16)}`,
): Promise<ScratchWorld> {
  const drop = async () => {
    const sql = `drop schema if exists ${quoteName(schema)} cascade`
    await db.transaction((tx) => tx.run(sql), { label: 'drop a scratch world' })
  }
  const shapes = tables.flatMap((name) => {
    const table = lakeTable(catalogue, name)
    return [table.shape, ...table.children].map((shape) => storedShape(shape, schema))
  })
  const cell = {
    schema,
    name: 'cell',
    columns: scratchCells(schema).columns,
    placement: 'distributed' as const,
  }
  await db.transaction((tx) => tx.run(`create schema ${quoteName(schema)}`), { label: 'a scratch world' })
  try {
    await ensureTables(db, [...shapes, { ...cell, key: ['account_id', 'table_name', 'part'] }])
  } catch (error) {
    await drop()
    throw error
  }
  return { world: schemaWorld(schema), schema, drop }
}

/**
 * The lake as it was at a moment, as typed tables in which rules can be judged: documents of then, what was in
 * force then, seen through today's declarations. Facts are not filled: they are derived in it again.
 */
export async function materializeWorld(
  db: Database,
  catalogue: LakeCatalogue,
  moment: Date,
  options: { tables: readonly string[]; accounts?: readonly string[]; schema?: string },
): Promise<ScratchWorld> {
  const scratch = await openScratchWorld(db, catalogue, options.tables, options.schema)
  try {
    for (const account of options.accounts ?? (await knownAccounts(db))) {
      await fillAccount(db, catalogue, scratch.schema, moment, options.tables, account)
    }
    return scratch
  } catch (error) {
    await scratch.drop()
    throw error
  }
}

async function fillAccount(
  db: Database,
  catalogue: LakeCatalogue,
  schema: string,
  moment: Date,
  tables: readonly string[],
  account: string,
): Promise<void> {
  const unlisted = new Set<string>()
  for (const name of tables) {
    const table = lakeTable(catalogue, name)
    for await (const page of resourcesAt(db, moment, name, account)) {
      const rows = page.map((past) => toTypedThen(table, past))
      for (const { in_force, part } of rows) if (!in_force) unlisted.add(`${name} ${part}`)
      await db.transaction((tx) => loadTypedRows(tx, table, rows, schema), {
        label: `${name} of a past moment`,
      })
    }
  }
  // As in the lake of now, a cell with rows of which nothing is in force is not in force.
  const cells = (await cellsAt(db, moment, account)).map(
    ({ account_id, table_name, part, state, in_force }) => {
      return [account_id, table_name, part, state, in_force && !unlisted.has(`${table_name} ${part}`), null]
    },
  )
  await db.transaction((tx) => tx.load(scratchCells(schema), cells), { label: 'cells of a past moment' })
}

async function knownAccounts(db: Database): Promise<string[]> {
  const accounts = new Set<string>()
  for (const table of ['cell', 'resource', 'resource_version', 'coverage_history']) {
    const rows = await db.query<{ account_id: string }>(
      `select account_id from stance.${table} group by account_id order by account_id nulls last`,
    )
    for (const { account_id } of rows) accounts.add(account_id)
  }
  return [...accounts].sort()
}
