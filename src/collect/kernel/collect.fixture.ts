import { tmpdir } from 'node:os'
import type { Clock } from '../../core/clock.ts'
import type { JsonObject } from '../../core/json.ts'
import type { CellEnd, CollectedResource, ConfirmGone } from '../../lake/collected.ts'
import type { CellWriter, CollectDeps, CollectEvent } from './collect-deps.ts'
import { CallCounter } from './count-calls.ts'
import { type KernelLayers, withKernelLayers } from './kernel-layers.ts'
import type { PlannedCell } from './planned-cell.ts'
import { secretPaths } from './secret-paths.ts'
import { SharedReads } from './shared-reads.ts'
import { TableRegistry } from './table-registry.ts'
import type { FailedAnswer, Transport, TransportAnswer, TransportRequest } from './transport.ts'
import { type Pen, zooAnswers, zooSources, zooTables } from './zoo-tables.fixture.ts'

export const account = '111122223333'
export const start = new Date('2026-03-01T00:00:00Z')

/** Moves on by a second whenever it is asked. */
export class TickingClock implements Clock {
  #now: number
  constructor(from = start) {
    this.#now = from.getTime()
  }
  now(): Date {
    this.#now += 1000
    return new Date(this.#now)
  }
  pass(ms: number): void {
    this.#now += ms
  }
}

export type Script = Record<
  string,
  (request: TransportRequest, nr: number) => TransportAnswer | Promise<TransportAnswer>
>

/** Answers by operation, as told; what it is not told is an answer that nobody has declared. */
export class ScriptedTransport implements Transport {
  readonly name = 'zoo'
  readonly answers = zooAnswers
  readonly requests: TransportRequest[] = []
  script: Script
  constructor(script: Script) {
    this.script = script
  }
  async send(request: TransportRequest): Promise<TransportAnswer> {
    const nr = this.requests.filter(({ operation }) => operation === request.operation).length
    this.requests.push(request)
    return (await this.script[request.operation]?.(request, nr)) ?? no('NotScripted', request.operation)
  }
  asked(operation: string): TransportRequest[] {
    return this.requests.filter((request) => request.operation === operation)
  }
  bucket({ account_id, region, service }: TransportRequest): string {
    return `${account_id}/${region}/${service}`
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

export function ok(body: unknown): TransportAnswer {
  return { ok: true, body: structuredClone(body) as JsonObject, bytes: 10 }
}

export function no(code: string, message = 'no', more: Partial<FailedAnswer> = {}): FailedAnswer {
  return { ok: false, kind: 'answer', status: 400, code, message, ...more }
}

export function pen(id: string, more: Partial<Pen> = {}): Pen {
  return { Id: id, Name: `pen ${id}`, Born: '2020-01-01T00:00:00Z', ...more }
}

/** A zoo where everything can be read. */
export function goodZoo(pens: readonly Pen[] = [pen('a'), pen('b')]): Script {
  return {
    ListPens: () => ok({ Pens: pens, Total: pens.length }),
    GetPen: ({ input }) => {
      const found = pens.find(({ Id }) => Id === input.Id)
      return found === undefined ? no('NoSuchPen') : ok({ Pen: found })
    },
    GetFood: () => ok({ Kind: 'hay', Recipe: { Secret: 'AKIAIOSFODNN7EXAMPLE', Plain: 'water' } }),
    ListDoors: () => ok({ Doors: ['n', 's'] }),
    GetKeys: () => no('NoKeys'),
    MakeReport: (_, nr) => ok({ State: nr < 1 ? 'STARTED' : 'DONE' }),
    GetReport: () =>
      ok({
        Lines: pens.map(({ Id }) => `${Id},2026-02-01T00:00:00Z`),
        MadeAt: '2026-02-28T23:00:00Z',
        More: false,
      }),
    GetVetVisit: () => ok({ Visit: { checked: '2026-02-01T00:00:00Z' } }),
    ListStaff: () => ok({ keepers: [{ name: 'ann', on_duty: true }, { name: 'bob' }] }),
    GetStaffRights: () => ok({}),
    ListFeedings: ({ input }) => (input.Pen === 'a' ? ok({ Feedings: [{ Hour: 7 }, { Hour: 18 }] }) : ok({})),
  }
}

export function penCell(more: Partial<PlannedCell> = {}): PlannedCell {
  return {
    account_id: account,
    table: 'zoo_pen',
    part: 'north',
    connection: 'main',
    partition: 'zoo',
    region_status: 'unknown',
    ...more,
  }
}

/** Keeps what a cell hands over. */
export class KeptCell implements CellWriter {
  resources: CollectedResource[] = []
  end: CellEnd | undefined
  confirmGone: ConfirmGone | undefined
  isAbandoned = false
  async add(batch: readonly CollectedResource[]): Promise<void> {
    this.resources.push(...batch)
  }
  async finish(end: CellEnd, confirmGone: ConfirmGone): Promise<string> {
    this.end = end
    this.confirmGone = confirmGone
    return 'kept'
  }
  async abandon(): Promise<void> {
    this.isAbandoned = true
  }
  named(id: string): CollectedResource | undefined {
    return this.resources.find(({ native_id }) => native_id === id)
  }
}

export const fast: Partial<KernelLayers> = {
  retry: { attempts: 3, first_ms: 1, longest_ms: 5, budget: 1000 },
}

export interface Zoo extends CollectDeps {
  wire: ScriptedTransport
  counter: CallCounter
  /** What became of the cells, in the order in which they were opened. */
  kept: KeptCell[]
  events: CollectEvent[]
  stop: AbortController
}

export function zoo(script: Script = goodZoo(), layers: Partial<KernelLayers> = {}): Zoo {
  const registry = new TableRegistry(zooTables, zooSources)
  const wire = new ScriptedTransport(script)
  const counter = new CallCounter()
  const secrets = { paths: secretPaths(zooTables, zooSources), key: 'test key' }
  const transport = withKernelLayers(wire, { counter, secrets, ...fast, ...layers })
  const stop = new AbortController()
  const kept: KeptCell[] = []
  const events: CollectEvent[] = []
  return {
    registry,
    wire,
    counter,
    kept,
    events,
    stop,
    transports: new Map([['zoo', transport]]),
    clock: new TickingClock(),
    signal: stop.signal,
    shared: new SharedReads(registry, tmpdir()),
    secret_key: 'test key',
    openWriter: () => {
      const one = new KeptCell()
      kept.push(one)
      return one
    },
    report: (event) => events.push(event),
  }
}
