import { tmpdir } from 'node:os'
import { createAwsTransport } from '../../src/collect/aws/transport.ts'
import { type CellSummary, collectCell } from '../../src/collect/kernel/collect-cell.ts'
import type { CollectDeps } from '../../src/collect/kernel/collect-deps.ts'
import { CallCounter } from '../../src/collect/kernel/count-calls.ts'
import { withKernelLayers } from '../../src/collect/kernel/kernel-layers.ts'
import type { PlannedCell } from '../../src/collect/kernel/planned-cell.ts'
import { type OneRead, readOne } from '../../src/collect/kernel/read-one.ts'
import { defaultRetry } from '../../src/collect/kernel/retry-calls.ts'
import { secretPaths } from '../../src/collect/kernel/secret-paths.ts'
import { SharedReads } from '../../src/collect/kernel/shared-reads.ts'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import {
  overTransport,
  type TransportAnswer,
  type TransportRequest,
} from '../../src/collect/kernel/transport.ts'
import * as generated from '../../src/collect/tables.generated.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Database, Row } from '../../src/db/database.ts'
import { buildCatalogue, type LakeCatalogue } from '../../src/lake/catalogue.ts'
import type { CollectedResource } from '../../src/lake/collected.ts'
import type { AnyTable, SourceDefinition } from '../../src/lake/define-table.ts'
import { ensureLake } from '../../src/lake/ensure-lake.ts'
import type { KnownResource } from '../../src/lake/known-resource.ts'
import { openCellWrite, type CellSummary as Written } from '../../src/lake/open-cell-write.ts'
import { type Projection, projectResource } from '../../src/lake/project-resource.ts'
import { getResource } from '../../src/lake/read-resources.ts'
import type { WriteSummary } from '../../src/lake/tally.ts'
import { writeSingle } from '../../src/lake/write-single.ts'
import type { MotoAccount } from '../setup/moto-account.ts'
import { freshDatabase } from '../setup/test-database.ts'

export interface Collected {
  summary: CellSummary
  written: Written
  /** The typed rows of the table's cell, by key. */
  rows: Row[]
  /** Rows of its child tables, by name. */
  children: Record<string, Row[]>
  /** Calls that reading it took, by operation. */
  calls: Record<string, number>
}

/** Reads tables of an emulated account into a lake of its own, by the real kernel and the real SDK. */
export interface Lab {
  db: Database
  catalogue: LakeCatalogue
  registry: TableRegistry
  /** One cell: list, groups, typed rows. Sources are asked anew each time. */
  collect(table: string, options?: CollectOptions): Promise<Collected>
  /** One resource by the ways for single resources; with what the lake knows of it: its parent, the planner's row. */
  readOne(table: string, nativeId: string, known?: KnownResource): Promise<OneRead>
  /** Columns and child rows that a single read makes; what it fills in part lies over what is known. */
  project(table: string, resource: CollectedResource, known?: KnownResource): Projection
  /** Writes a single read into the lake, as an event does: what it changed there. */
  writeOne(known: KnownResource, resource: CollectedResource): Promise<WriteSummary>
  /** Operations that are answered with AccessDenied until the list is emptied. */
  denied: Set<string>
  close(): Promise<void>
}

export interface CollectOptions {
  /** The cell's account, where it is not the one that is asked: an organization. */
  account_id?: string
  /** The cell's part: the account's own region or `global`, where left out. */
  part?: string
  /** Groups beside the list; all where left out. */
  groups?: readonly string[]
  /** Of tables that the planner lists. */
  planned?: PlannedCell['rows']
}

/** By operation: what the emulator does not know or leaves out, written after the provider's API reference. */
export type WrittenWires = Record<
  string,
  (answer: TransportAnswer, request: TransportRequest) => TransportAnswer
>

/** `declared`: tables and sources to know; all that are registered where left out. */
export async function openLab(
  account: MotoAccount,
  declared: { tables: readonly AnyTable[]; sources: readonly SourceDefinition[] } = generated,
  written: WrittenWires = {},
): Promise<Lab> {
  const { tables, sources } = declared
  const registry = new TableRegistry(tables, sources)
  const catalogue = buildCatalogue(tables)
  const secret = 'a key for tests'
  const counter = new CallCounter()
  const denied = new Set<string>()
  const wire = createAwsTransport({
    connections: [
      {
        name: 'moto',
        endpoint: account.url,
        home_region: account.region,
        keys: () => account.credentials,
      },
    ],
  })
  const aws = withKernelLayers(wire, {
    counter,
    secrets: { paths: secretPaths(tables, sources), key: secret },
    retry: { ...defaultRetry, attempts: 2, first_ms: 10, longest_ms: 20 },
    faults: (inner) =>
      overTransport(inner, async (request) => {
        const answer = denial(request, denied) ?? (await inner.send(request))
        return written[request.operation]?.(answer, request) ?? answer
      }),
  })
  const database = await freshDatabase('duckdb', { migrated: true })
  await ensureLake(database.db, catalogue)
  const { db } = database

  const deps = (shared: SharedReads): CollectDeps => ({
    registry,
    transports: new Map([['aws', aws]]),
    clock: systemClock,
    signal: new AbortController().signal,
    shared,
    secret_key: secret,
    openWriter: (cell) =>
      openCellWrite(db, catalogue, cell, { clock: systemClock, partition: cell.partition }),
  })
  const cellOf = (name: string, options: CollectOptions): PlannedCell => ({
    account_id: options.account_id ?? account.accountId,
    ...(options.account_id === undefined
      ? {}
      : { askers: [{ connection: 'moto', account_id: account.accountId }] }),
    table: name,
    part: options.part ?? (registry.table(name).parts === 'global' ? 'global' : account.region),
    connection: 'moto',
    partition: 'aws',
    region_status: 'opted in',
    ...(options.groups === undefined ? {} : { groups: options.groups }),
    ...(options.planned === undefined ? {} : { rows: options.planned }),
  })
  const callsNow = () =>
    new Map(counter.summary().operations.map((one) => [one.operation, one.calls] as const))

  return {
    db,
    catalogue,
    registry,
    denied,
    async collect(name, options = {}) {
      const shared = new SharedReads(registry, tmpdir())
      const before = callsNow()
      const cell = cellOf(name, options)
      try {
        const summary = await collectCell(cell, deps(shared))
        if (summary.outcome !== 'written') throw new Error(`${name} was cancelled`)
        const children: Record<string, Row[]> = {}
        for (const child of Object.keys(registry.table(name).children ?? {})) {
          children[child] = await db.query(
            `select c.* from lake.${child} c
             join lake.${name} t on t.account_id = c.account_id and t.resource_key = c.resource_key
             where t.account_id = $1 and t._part = $2 order by c.resource_key nulls last, c._nr nulls last`,
            [cell.account_id, cell.part],
          )
        }
        const calls = [...callsNow()].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
        return {
          summary,
          written: summary.written as Written,
          rows: await db.query(
            `select * from lake.${name} where account_id = $1 and _part = $2 order by resource_key nulls last`,
            [cell.account_id, cell.part],
          ),
          children,
          calls: Object.fromEntries(calls.filter(([, count]) => count > 0)),
        }
      } finally {
        await shared.close()
      }
    },
    async readOne(name, nativeId, known) {
      const shared = new SharedReads(registry, tmpdir())
      const table = registry.table(name)
      const { account_id, part, parent_key = '' } = known ?? {}
      const cell = cellOf(name, {
        ...(account_id === undefined || account_id === account.accountId ? {} : { account_id }),
        ...(part === undefined ? {} : { part }),
        ...(table.planned === undefined ? {} : { planned: [known?.content.list ?? {}] }),
      })
      const parent = parent_key === '' ? undefined : await getResource(db, cell.account_id, parent_key)
      return readOne(table, nativeId, cell, deps(shared), parent && { ...parent, item: parent.content.list! })
    },
    project(name, resource, known) {
      const contents = Object.fromEntries(
        Object.entries(resource.groups).flatMap(([group, { state, content = null, carries }]) => {
          if (state !== 'ok' && state !== 'absent' && state !== 'unsupported') return []
          const over = {
            content: known?.content[group] ?? null,
            overlays: [{ carries: carries ?? [], content }],
          }
          return [[group, carries === undefined ? { content } : over] as const]
        }),
      )
      const where = { account_id: account.accountId, region: resource.region, partition: 'aws' }
      return projectResource(registry.table(name), where, contents)
    },
    writeOne({ account_id, part, table_name: table }, resource) {
      const options = { clock: systemClock, partition: 'aws' }
      return writeSingle(db, catalogue, { account_id, part, table }, { resource }, options)
    },
    async close() {
      await aws.close()
      await database.drop()
    },
  }
}

/** How an SDK client for seeding is made: `new EC2Client(clientConfig(account))`. */
export function clientConfig(account: MotoAccount, region = account.region) {
  return { endpoint: account.url, region, credentials: account.credentials, maxAttempts: 1 }
}

function denial(request: TransportRequest, denied: ReadonlySet<string>) {
  if (!denied.has(request.operation)) return undefined
  const message = `User is not authorized to perform: ${request.service}:${request.operation}`
  return { ok: false as const, kind: 'answer' as const, status: 403, code: 'AccessDenied', message }
}
