import { derivedGroup, listGroup, sqlColumns } from '../../src/core/table-shape.ts'
import type { LoadTarget, Reader, Row, Transaction, Value } from '../../src/db/database.ts'
import { toStoredText } from '../../src/db/store-value.ts'
import type { StateMap } from '../../src/lake/group-state.ts'
import { type PastResource, toTypedThen } from '../../src/lake/past-resources.ts'
import { loadTypedRows } from '../../src/lake/write-typed-rows.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { told } from './told-problems.ts'

/** A resource as the store has it, with what it says of when. */
export interface Document extends PastResource {
  table_name: string
  tags: string | null
  valid_from: Date
}

type Stored = Omit<Document, 'content' | 'state'> & {
  content: string
  state: string
  list_state: StateMap[string]['state']
  in_force_since: Date
}

export async function readDocuments(db: Reader): Promise<Document[]> {
  const rows = await db.query<Stored>(
    `select account_id, table_name, resource_key, region, part, owner_account_id, cloud_partition, native_id, name,
       content, state, list_state, in_force, in_force_since, tags, valid_from
     from stance.resource`,
  )
  return rows.map(({ content, state: text, list_state, in_force_since, ...rest }) => {
    const state = JSON.parse(text) as StateMap
    const list = state[listGroup]
    if (list !== undefined)
      state[listGroup] = {
        ...list,
        state: list_state,
        in_force: rest.in_force,
        since: in_force_since.toISOString(),
      }
    return { ...rest, content: JSON.parse(content), state }
  })
}

/** Every typed and child row is what its document gives, and nothing is there beside them. */
export async function rowProblems(
  { db, catalogue }: Pick<Stance, 'db' | 'catalogue'>,
  documents: readonly Document[],
): Promise<string[]> {
  const made = new Map<string, Map<string, Row>>()
  const gather: Transaction['load'] = async (target, rows) => {
    const known = made.get(target.table) ?? new Map<string, Row>()
    made.set(target.table, known)
    const isKept = keptOf(catalogue, target.table.replace('lake.', ''))
    for await (const row of rows) {
      const kept = target.columns.flatMap(({ name }, at) => (isKept(name) ? [row[at]!] : []))
      known.set(spelled(kept), keyOf(target, row))
    }
    return known.size
  }
  for (const [name, some] of Map.groupBy(documents, ({ table_name }) => table_name)) {
    const table = catalogue.tables.get(name)
    const typed = table === undefined ? [] : some.map((one) => toTypedThen(table, one))
    if (table !== undefined) await loadTypedRows({ ...nothingElse(db), load: gather }, table, typed)
  }
  const problems: string[] = []
  for (const [name, shape] of catalogue.shapes) {
    const isKept = keptOf(catalogue, name)
    const columns = sqlColumns(shape).filter((one) => isKept(one.name))
    const wanted = made.get(`lake.${name}`) ?? new Map<string, Row>()
    const wrong: Row[] = []
    for (const row of await db.query(
      `select ${columns.map((one) => one.name).join(', ')} from lake.${name}`,
    )) {
      const values = columns.map((one) => row[one.name] ?? null)
      if (!wanted.delete(spelled(values))) wrong.push(keyOf({ columns }, values))
    }
    problems.push(
      ...told(`a row of ${name} is not what its document gives`, wrong),
      ...told(`a row of ${name} is missing`, [...wanted.values()]),
    )
  }
  return problems
}

/** What a document says: not the facts, nor which of them are kept. */
function keptOf({ shapes }: Stance['catalogue'], table: string): (column: string) => boolean {
  const columns = shapes.get(table)?.columns ?? []
  const facts = columns.filter(({ group }) => group === derivedGroup).map(({ name }) => name)
  const left = new Set([...facts, '_kept_facts'])
  return (column) => !left.has(column)
}

/** Seen as a past moment, now is what the store says: nothing counts from later on, no version counts still. */
export async function timeProblems(
  { db, clock }: Pick<Stance, 'db' | 'clock'>,
  documents: readonly Document[],
): Promise<string[]> {
  const now = clock.now()
  const later = documents.filter(
    ({ valid_from, state }) =>
      valid_from > now ||
      Object.values(state).some((known) => known.in_force && Date.parse(known.since) > now.getTime()),
  )
  const versions = await db.query(
    'select account_id, resource_key from stance.resource_version where valid_from <= $1 and valid_to > $1',
    [now],
  )
  return [
    ...told(
      'of later',
      later.map(({ account_id, resource_key }) => ({ account_id, resource_key })),
    ),
    ...told('a past version that has not ended', versions),
  ]
}

/** What writing rows may ask of a transaction, but for taking them. */
function nothingElse({ engine }: Reader): Omit<Transaction, 'load'> {
  const refuse = (): never => {
    throw new Error('rows are loaded, and nothing else')
  }
  return { engine, query: refuse, stream: refuse, run: refuse }
}

function spelled(values: readonly Value[]): string {
  return JSON.stringify(values.map((value) => (typeof value === 'string' ? toStoredText(value) : value)))
}

function keyOf({ columns }: Pick<LoadTarget, 'columns'>, values: readonly Value[]): Row {
  const at = (name: string) => values[columns.findIndex((one) => one.name === name)] ?? null
  return { account_id: at('account_id'), resource_key: at('resource_key') }
}
