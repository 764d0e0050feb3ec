import { tmpdir } from 'node:os'
import { createAwsTransport } from '../../src/collect/aws/transport.ts'
import { collectCell } from '../../src/collect/kernel/collect-cell.ts'
import { planCells } from '../../src/collect/kernel/plan-cells.ts'
import type { PlannedCell } from '../../src/collect/kernel/planned-cell.ts'
import { SharedReads } from '../../src/collect/kernel/shared-reads.ts'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import {
  overTransport,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
} from '../../src/collect/kernel/transport.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { parseFaults } from '../../src/collect/transport/faults.ts'
import { injectFaults } from '../../src/collect/transport/inject-faults.ts'
import type { Json } from '../../src/core/json.ts'
import { isRead } from '../../src/core/state.ts'
import type { CellEnd, CollectedResource } from '../../src/lake/collected.ts'
import { type Projection, projectResource } from '../../src/lake/project-resource.ts'
import { discoverAccounts } from '../../src/run/discover-accounts.ts'
import { openEstate } from './open-estate.ts'
import { nameOf, scannedOperations } from './operations.ts'

/** What reading one cell gives, before any store. */
interface ReadCell {
  end: CellEnd
  rows: Map<string, { about: string; projection: Projection }>
}

/** A value that leaving out a field turned into another one, instead of into none. */
export interface Turn {
  operation: string
  path: string
  /** `table.group`, or the table where rows came or went. */
  of: string
  what: string
}

export interface ReadEstate {
  /** What of the recording cannot be read as it is declared. */
  failures: string[]
  /** Every field of every answer of the estate, as faults name them. */
  fields: { operation: string; path: string }[]
  /** Reads all that the operation serves, with the field left out of its answers. */
  without(operation: string, path: string): Promise<Turn[]>
}

/** The recorded estate, read once as a scan does; what is read again is answered out of memory. */
export async function readEstate(): Promise<ReadEstate> {
  const registry = new TableRegistry(tables, sources)
  const known = new Map<string, Promise<TransportAnswer>>()
  const estate = await openEstate()
  const wire = createAwsTransport({ connections: estate.settings.connections })
  const remembered = overTransport(wire, (request) => {
    const key = keyOf(request)
    const answer = known.get(key) ?? wire.send(request)
    known.set(key, answer)
    return answer.then((one) => structuredClone(one))
  })
  const { signal } = new AbortController()
  const { connections } = estate.settings
  const discovered = await discoverAccounts({
    ...{ connections, transport: remembered, signal, known: [] },
    regionsBefore: () => [],
    wasRead: new Set(),
  })
  const { read } = planCells({ registry, accounts: discovered.plannable, now: estate.clock.now() })
  const readCells = async (transport: Transport, wanted: ReadonlySet<string>) => {
    const cells = new Map<string, ReadCell>()
    const shared = new SharedReads(registry, tmpdir(), transport === remembered ? 60_000 : 200)
    try {
      await Promise.all(
        read
          .filter(({ table }) => wanted.has(table))
          .map(async (cell) => {
            const { account_id, table, part } = cell
            cells.set(`${account_id} ${table} ${part}`, await readCell(cell, transport, shared))
          }),
      )
    } finally {
      await shared.close()
    }
    return cells
  }
  const readCell = async (
    cell: PlannedCell,
    transport: Transport,
    shared: SharedReads,
  ): Promise<ReadCell> => {
    const rows: ReadCell['rows'] = new Map()
    let end: CellEnd | undefined
    await collectCell(cell, {
      ...{ registry, clock: estate.clock, signal, shared, secret_key: 'a key for tests' },
      budgets: { cell_ms: transport === remembered ? 60_000 : 200 },
      transports: new Map([[transport.name, transport]]),
      openWriter: () => ({
        async add(batch) {
          for (const one of batch) rows.set(one.resource_key, project(cell, one))
        },
        async finish(ended) {
          end = ended
        },
        async abandon() {},
      }),
    })
    return { end: end!, rows }
  }
  const project = ({ table, partition, account_id }: PlannedCell, resource: CollectedResource) => {
    const { groups, tags, native_id: _, ...about } = resource
    const contents = Object.fromEntries(
      Object.entries(groups).flatMap(([group, { state, content }]) =>
        isRead(state) ? [[group, { content: (content ?? null) as Json }] as const] : [],
      ),
    )
    const where = { account_id, region: resource.region, partition }
    const projection = projectResource(registry.table(table), where, contents)
    return { about: JSON.stringify(about), projection }
  }
  const all = new Set(tables.map(({ name }) => name))
  const clean = await readCells(remembered, all)
  await wire.close()
  await estate.stop()
  const called = new Map<string, TransportAnswer[]>()
  for (const [key, answer] of known) {
    const [, , service, operation] = JSON.parse(key) as string[]
    const name = nameOf({ service: service!, operation: operation! })
    called.set(name, [...(called.get(name) ?? []), await answer])
  }
  const served = scannedOperations(registry, new Set(called.keys()))
  const replay = overTransport(wire, async (request) =>
    structuredClone((await known.get(keyOf(request))) ?? notRecorded),
  )
  const failures = [...clean].flatMap(([name, { end, rows }]) => [
    ...(isRead(end.state) ? [] : [`${name} ${end.failure?.message}`]),
    ...[...rows.values()].flatMap(({ projection }) =>
      Object.entries(projection.failures).map(([group, { message }]) => `${name} ${group}: ${message}`),
    ),
  ])
  return {
    failures: [...new Set(failures)],
    fields: served.flatMap(({ name }) => {
      const paths = new Set<string>()
      for (const answer of called.get(name) ?? []) if (answer.ok) fieldsOf(answer.body, '', paths)
      return [...paths].map((path) => ({ operation: name, path }))
    }),
    async without(operation, path) {
      const serves = served.find(({ name }) => name === operation)!
      const faults = parseFaults(`${operation}=omitted(${path})`)
      const usual = () => ({ status: 400, code: 'None' })
      const cells = await readCells(injectFaults(faults, { usual })(replay), new Set(serves.tables))
      return [...cells].flatMap(([name, cell]) =>
        turns(registry, name.split(' ')[1]!, clean.get(name)!, cell).map((turn) => ({
          operation,
          path,
          ...turn,
        })),
      )
    },
  }
}

/** What would be asked where something that a call needs is left out. */
const notRecorded: TransportAnswer = {
  ...{ ok: false, kind: 'answer', status: 501, code: 'NotRecorded', message: 'The recording has no answer.' },
}

function keyOf({ account_id, region, service, operation, input }: TransportRequest): string {
  return JSON.stringify([account_id, region, service, operation, input])
}

/** Every path in an answer; through lists, as faults go. */
export function fieldsOf(here: Json, before: string, paths: Set<string>): void {
  if (here === null || typeof here !== 'object') return
  if (Array.isArray(here)) {
    for (const one of here) fieldsOf(one, before, paths)
    return
  }
  for (const [name, value] of Object.entries(here)) {
    const path = before === '' ? name : `${before}.${name}`
    if (/[^\w.]/.test(path)) continue
    paths.add(path)
    fieldsOf(value as Json, path, paths)
  }
}

/** Everything that is not as it was and not unread either. */
function turns(
  registry: TableRegistry,
  table: string,
  clean: ReadCell,
  cell: ReadCell,
): Pick<Turn, 'of' | 'what'>[] {
  const found: Pick<Turn, 'of' | 'what'>[] = []
  const isWhole = isRead(cell.end.state)
  for (const key of clean.rows.keys())
    if (isWhole && !cell.rows.has(key)) found.push({ of: table, what: `${key} is gone` })
  for (const [key, { about, projection }] of cell.rows) {
    const was = clean.rows.get(key)
    if (was === undefined) found.push({ of: table, what: `${key} is new` })
    else if (was.about !== about && projection.failures.list === undefined)
      found.push({ of: table, what: `${key}: ${was.about} → ${about}` })
    else
      for (const turn of turnedValues(registry.table(table), was.projection, projection))
        found.push({ of: `${table}.${turn.group}`, what: `${key}: ${turn.what}` })
  }
  return found
}

export function turnedValues(
  table: (typeof tables)[number],
  was: Projection,
  is: Projection,
): { group: string; what: string }[] {
  const found: { group: string; what: string }[] = []
  const groups = { list: table.list, ...(table.groups as unknown as Record<string, { columns: object }>) }
  for (const [group, { columns }] of Object.entries(groups)) {
    const names = Object.keys(columns)
    for (const name of names) {
      const [before, now] = [was.columns[name], is.columns[name]]
      if (now !== null && JSON.stringify(now) !== JSON.stringify(before))
        found.push({ group, what: `${name} ${JSON.stringify(before)} → ${JSON.stringify(now)}` })
    }
    // A group that is not read has no rows, and says so.
    if (is.failures[group] !== undefined || is.failures.list !== undefined) continue
    if (names.length > 0 && names.every((name) => is.columns[name] === null)) continue
    for (const [child, declared] of Object.entries(table.children ?? {})) {
      if (declared.group !== group) continue
      const [before, now] = [was.children[child], is.children[child]]
      if (JSON.stringify(before) !== JSON.stringify(now))
        found.push({
          group,
          what: `${child} ${JSON.stringify(before).slice(0, 300)} → ${JSON.stringify(now).slice(0, 300)}`,
        })
    }
  }
  return found
}
