import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import { buildCatalogue, type LakeCatalogue } from './catalogue.ts'
import type { CellEnd, CellId, CollectedResource, ConfirmGone, GroupRead } from './collected.ts'
import { flag, never, text, time } from './columns.ts'
import { child, defineTable } from './define-table.ts'
import { type CellSummary, openCellWrite, type WriteOptions } from './open-cell-write.ts'

interface Lock {
  Name: string
  MadeAt?: string
  Doors?: { Number: string; Open?: boolean }[]
  Tags?: Record<string, string>
}

interface Alarm {
  On?: boolean
  Siren?: string
  LastRang?: string
}

const read = (operation: string) => ({ operation, permission: `test:${operation}`, absent: ['Nothing'] })

/** A table with every construct that the lake knows: groups, absence, volatile fields, a child, tags. */
export const lockTable = defineTable<{ list: Lock; alarm: Alarm; keys: { Count: string; Holder?: string } }>({
  name: 'test_lock',
  title: 'Lock',
  docs: 'https://example.com/lock',
  provider: 'test',
  via: 'test',
  service: 'lock',
  parts: 'region',
  identity: {
    key: 'lock/{Name}',
    native_id: 'Name',
    name: 'Name',
    incarnation: 'MadeAt',
    tags: { group: 'list', from: 'Tags' },
  },
  list: {
    read: { operation: 'ListLocks', items: 'Locks', permission: 'test:ListLocks' },
    set: ['Doors'],
    columns: {
      lock_name: text('Name'),
      made_at: time('MadeAt', never),
      door_count: { type: 'bigint', from: (lock) => lock.Doors?.length ?? 0, title: '' },
    },
  },
  groups: {
    alarm: {
      read: read('GetAlarm'),
      volatile: ['LastRang'],
      columns: { is_on: flag('On', false), siren: text('Siren', ''), last_rang_at: time('LastRang', never) },
    },
    keys: {
      read: {
        operation: 'GetKeys',
        permission: ['test:GetKeys'],
      },
      columns: { key_count: text('Count'), holder: text('Holder', '') },
    },
  },
  children: {
    test_lock_door: child<Lock, { number: 'text'; is_open: 'boolean' }>({
      title: 'Door of a lock',
      group: 'list',
      columns: { number: 'text', is_open: 'boolean' },
      rows: (lock) =>
        (lock.Doors ?? []).map(({ Number: number, Open }) => ({ number, is_open: Open ?? false })),
    }),
  },
})

export const account = '111122223333'
export const cell: CellId = { account_id: account, table: 'test_lock', part: 'here' }
export const lockCatalogue: LakeCatalogue = buildCatalogue(
  [lockTable],
  [{ table: 'test_lock', column: 'is_public', type: 'boolean', title: 'Anyone may open it' }],
)

export const hour = 3_600_000
const start = new Date('2026-03-01T00:00:00Z')

/** A clock that tests turn by hand. */
export class HandClock implements Clock {
  #now = start.getTime()

  now(): Date {
    return new Date(this.#now)
  }

  pass(ms: number): Date {
    this.#now += ms
    return this.now()
  }

  restart(): void {
    this.#now = start.getTime()
  }
}

export const ok = (content: GroupRead['content'], read_at: Date): GroupRead => ({
  state: 'ok',
  content,
  read_at,
})

export function denied(read_at: Date, action = 'test:GetAlarm'): GroupRead {
  const failure = { code: 'AccessDenied', message: 'No.', action, next: `Allow ${action}.` }
  return { state: 'denied', read_at, failure }
}

export function failed(read_at: Date): GroupRead {
  return { state: 'error', read_at, failure: { code: 'TIMEOUT', message: 'No answer.', next: 'Try again.' } }
}

/** A lock as collect would hand it over; groups and fields beside the name as given. */
export function lock(
  name: string,
  readAt: Date,
  given: { list?: object; groups?: Record<string, GroupRead>; more?: Partial<CollectedResource> } = {},
): CollectedResource {
  const tags = (given.list as Lock | undefined)?.Tags ?? {}
  return {
    resource_key: `lock/${name}`,
    native_id: name,
    name,
    region: 'here',
    owner_account_id: account,
    incarnation: (given.list as Lock | undefined)?.MadeAt ?? '',
    tags,
    groups: { list: ok({ Name: name, ...given.list }, readAt), ...given.groups },
    ...given.more,
  }
}

export function ended(state: CellEnd['state'], listedAt: Date, more: Partial<CellEnd> = {}): CellEnd {
  const failure =
    state === 'denied' || state === 'error'
      ? { failure: { code: state, message: state, action: 'test:ListLocks', next: 'Do something.' } }
      : {}
  return { state, listed_at: listedAt, calls: 1, throttles: 0, duration_ms: 5, ...failure, ...more }
}

/** One whole read of a cell. */
export async function scan(
  db: Database,
  options: WriteOptions,
  resources: readonly CollectedResource[],
  end: CellEnd,
  more: { confirm?: ConfirmGone; cell?: CellId; catalogue?: LakeCatalogue } = {},
): Promise<CellSummary> {
  const write = openCellWrite(db, more.catalogue ?? lockCatalogue, more.cell ?? cell, options)
  await write.add(resources)
  return write.finish(end, more.confirm)
}
