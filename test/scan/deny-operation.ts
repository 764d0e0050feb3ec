import { expect } from 'vitest'
import { readsOf } from '../../src/collect/kernel/table-reads.ts'
import { listGroup, readColumn } from '../../src/core/table-shape.ts'
import type { Reader } from '../../src/db/database.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { withTheirFacts } from '../../src/run/tables-read-by.ts'
import { judgeProblems } from './lake-problems.ts'
import type { Estate } from './open-estate.ts'
import { nameOf, type ScannedOperation } from './operations.ts'
import { differences, type Posture, postureOf, recordsOf, unexplained, unsoundChanges } from './posture.ts'
import type { Copy } from './scanned-store.ts'

export interface Denying {
  /** All of the estate is scanned, and not only what the operation serves. */
  isWhole?: boolean
  /** Then all is read again with the permission: the store is as it was. */
  isGivenBack?: boolean
}

/**
 * Reads what an operation serves again without the permission for it, in a store that was scanned whole. Returns what
 * was judged without.
 */
export async function denyOperation(
  estate: Estate,
  { stance, clean }: Copy,
  operation: ScannedOperation,
  { isWhole = false, isGivenBack = false }: Denying = {},
): Promise<Posture> {
  const { db } = stance
  const { name, tables, actions } = operation
  const narrowing = isWhole ? {} : { tables }
  const records = await recordsOf(db)
  const served = await whatIsRead(stance, operation)
  expect(served, 'what it serves').not.toEqual([])
  const read = new Set<string>()
  const record = await estate.scan(stance, {
    narrowing,
    faults: `${name}=denied`,
    report: (event) => event.kind === 'cell_started' && read.add(event.cell.table),
  })
  expect(record.state).toBe('done')
  if (!isWhole) expect([...read].sort()).toEqual([...withTheirFacts(tables, stance.set)].sort())

  const unread = await unreadThings(db)
  expect([...unread.keys()].filter((one) => served.includes(one)).sort(), 'what is unread').toEqual(served)
  for (const [what, { state, action, in_force }] of unread) {
    expect({ what, state, in_force }).toEqual({ what, state: 'denied', in_force: false })
    expect(actions, what).toContain(action)
  }
  expect(await stillGiven(stance, operation, served), 'columns that are not NULL').toEqual([])
  const denied = await postureOf(db)
  expect(unsoundChanges(clean, denied)).toEqual([])
  expect(unexplained(denied, actions)).toEqual([])
  expect(await judgeProblems(stance, tables), 'what judging all of it anew says').toEqual([])
  expect(await recordsOf(db), 'nobody hears of it').toEqual(records)
  if (!isGivenBack) return denied

  await estate.scan(stance, { narrowing })
  expect(differences(clean, await postureOf(db))).toEqual([])
  expect(await recordsOf(db)).toEqual(records)
  expect(await unreadThings(db)).toEqual(new Map())
  return denied
}

/** Cells and groups of resources that this operation filled: none of them may be relied on without it. */
async function whatIsRead({ db, registry }: Stance, { name, tables }: ScannedOperation): Promise<string[]> {
  const found: string[] = []
  for (const table of tables) {
    const reads = readsOf(registry.table(table), registry.sources).filter(
      ({ service, read, used }) => used !== 'one' && nameOf({ service, operation: read.operation }) === name,
    )
    const isListed = reads.some(({ group }) => group === listGroup)
    if (isListed) {
      // Where there is nothing to list it within, nobody is asked.
      const { within = '' } = registry.table(table).list
      const cells = await db.query<{ account_id: string; part: string }>(
        `select c.account_id, c.part from stance.cell c where c.table_name = $1::text and c.state = 'ok'
           and ($2::text = '' or exists (select 1 from stance.resource p
             where p.account_id = c.account_id and p.table_name = $2::text and p.part = c.part))`,
        [table, within],
      )
      for (const { account_id, part } of cells) found.push(`${account_id} ${table} ${part}`)
    }
    const groups = new Set(reads.map(({ group }) => group))
    const rows = await db.query<{ account_id: string; resource_key: string; state: string }>(
      'select r.account_id, r.resource_key, r.state from stance.resource r where r.table_name = $1::text',
      [table],
    )
    for (const { account_id, resource_key, state } of rows)
      for (const [group, known] of Object.entries(JSON.parse(state) as Record<string, { state: string }>))
        if (group !== listGroup && groups.has(group) && known.state !== 'unsupported' && !isListed)
          found.push(`${account_id} ${resource_key} ${group}`)
  }
  return found.sort()
}

/** Rows that still give what the operation filled. */
async function stillGiven(
  { db, registry }: Stance,
  { name, tables }: ScannedOperation,
  served: readonly string[],
): Promise<string[]> {
  const known = new Set(served)
  const given: string[] = []
  for (const table of tables) {
    const reads = readsOf(registry.table(table), registry.sources).filter(
      ({ service, read, used }) => used !== 'one' && nameOf({ service, operation: read.operation }) === name,
    )
    for (const group of new Set(reads.map((read) => read.group))) {
      const isList = group === listGroup
      const rows = await db.query<{ account_id: string; resource_key: string; part: string }>(
        `select t.account_id, t.resource_key, t._part as part from lake.${table} t where t.${readColumn(group)}`,
      )
      for (const { account_id, resource_key, part } of rows) {
        const what = `${account_id} ${isList ? `${table} ${part}` : `${resource_key} ${group}`}`
        if (known.has(what)) given.push(`${what}: ${resource_key}`)
      }
    }
  }
  return given
}

interface UnreadThing {
  state: string
  action: string
  in_force: boolean
}

async function unreadThings(db: Reader): Promise<Map<string, UnreadThing>> {
  const rows = await db.query<
    UnreadThing & {
      account_id: string
      table_name: string
      part: string
      resource_key: string
      group_name: string
    }
  >(
    `select account_id, table_name, part, resource_key, group_name, state, action, in_force from public.coverage`,
  )
  return new Map(
    rows.map(({ account_id, table_name, part, resource_key, group_name, state, action, in_force }) => [
      group_name === ''
        ? `${account_id} ${table_name} ${part}`
        : `${account_id} ${resource_key} ${group_name}`,
      { state, action, in_force },
    ]),
  )
}
