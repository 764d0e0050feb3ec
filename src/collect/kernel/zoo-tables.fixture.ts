import { count, flag, text, time } from '../../lake/columns.ts'
import { child, defineSource, defineTable } from '../../lake/define-table.ts'
import type { ProviderAnswers } from './transport.ts'

export interface Pen {
  Name: string
  Id: string
  Born?: string
  Keeper?: { Account?: string }
  Animals?: { Species: string; Count?: number }[]
  Tags?: { Key: string; Value: string }[]
  Note?: string
}
export interface Food {
  Kind?: string
  Recipe?: { Secret: string; Plain: string }
}
export interface Vet {
  id: string
  checked?: string
}

/** Every construct of a declaration: pages, groups of all kinds, a source with a single way beside it, secrets. */
export const penTable = defineTable<{
  list: Pen
  food: Food
  locks: { Doors: number; Keys?: number }
  vet: Vet
}>({
  name: 'zoo_pen',
  title: 'Pen',
  docs: 'https://example.com/pen',
  provider: 'zoo',
  via: 'zoo',
  service: 'pens',
  parts: 'region',
  identity: {
    key: 'zoo:{$partition}:{$region}:{$account}:pen/{Id}',
    native_id: 'Id',
    name: 'Name',
    incarnation: 'Born',
    owner: (pen) => pen.Keeper?.Account,
    tags: { group: 'list', from: 'Tags' },
  },
  list: {
    read: {
      operation: 'ListPens',
      pages: { out: 'Next', in: 'From', total: 'Total' },
      items: 'Pens',
      permission: 'zoo:ListPens',
      no_service: ['NoZooHere'],
    },
    one: {
      operation: 'GetPen',
      input: { Id: '{$id}' },
      pick: 'Pen',
      permission: 'zoo:GetPen',
      gone: ['NoSuchPen'],
    },
    secret: ['Note'],
    columns: { pen_name: text('Name'), note: text((pen) => JSON.stringify(pen.Note ?? ''), '') },
  },
  groups: {
    food: {
      read: {
        operation: 'GetFood',
        input: { Pen: '{Id}', Where: '{$region}/{$account}' },
        permission: ['zoo:GetFood', 'zoo:GetAll'],
        absent: ['NoFood'],
        gone: ['NoSuchPen'],
      },
      secret: ['Recipe.Secret'],
      columns: { food_kind: text('Kind', '') },
    },
    locks: {
      applies: (pen) => pen.Name !== 'open meadow',
      read: {
        reads: {
          doors: {
            operation: 'ListDoors',
            input: { Pen: '{Id}' },
            pick: 'Doors',
            permission: 'zoo:ListDoors',
          },
          keys: {
            operation: 'GetKeys',
            input: { Pen: '{Id}' },
            permission: 'zoo:GetKeys',
            absent: ['NoKeys'],
          },
        },
        shape: ({ doors, keys }: { doors: string[]; keys?: { Count: number } }) => ({
          Doors: doors.length,
          Keys: keys?.Count ?? 0,
        }),
      },
      columns: { door_count: count('Doors', 0), key_count: count('Keys', 0) },
    },
    vet: {
      source: {
        source: 'zoo_vet_report',
        items: 'pens',
        match: 'zoo:{$partition}:{$region}:{$account}:pen/{id}',
        names: { at: 'seen_with', items: 'pens', match: '{id}', table: 'zoo_pen' },
      },
      read: {
        operation: 'GetVetVisit',
        input: { Pen: '{Id}' },
        pick: 'Visit',
        permission: 'zoo:GetVetVisit',
        gone: ['NoSuchPen'],
      },
      columns: { checked_at: time('checked', '0001-01-01T00:00:00Z') },
    },
  },
  children: {
    zoo_pen_animal: child<Pen, { species: 'text' }>({
      title: 'Animal',
      group: 'list',
      columns: { species: 'text' },
      rows: (pen) => (pen.Animals ?? []).map(({ Species }) => ({ species: Species })),
    }),
  },
  events: {
    MovePen: ['request.penId', 'response.pens.id'],
    BuildPens: 'response.pens.id',
  },
})

/** Listed from a source that serves nothing else. */
export const keeperTable = defineTable<{ list: { name: string; on_duty?: boolean } }>({
  name: 'zoo_keeper',
  title: 'Keeper',
  docs: 'https://example.com/keeper',
  provider: 'zoo',
  via: 'zoo',
  service: 'staff',
  parts: 'region',
  identity: { key: 'zoo:{$account}:{$region}:keeper/{name}', native_id: 'name', name: 'name' },
  list: {
    source: { source: 'zoo_staff', items: 'keepers' },
    columns: { keeper_name: text('name'), on_duty: flag('on_duty', false) },
  },
  groups: {},
})

/** Listed within each pen. */
export const feedingTable = defineTable<{ list: { Hour: number } }>({
  name: 'zoo_feeding',
  title: 'Feeding',
  docs: 'https://example.com/feeding',
  provider: 'zoo',
  via: 'zoo',
  service: 'pens',
  parts: 'region',
  identity: {
    key: 'zoo:{$account}:{$region}:pen/{$parent.Id}/feeding/{Hour}',
    native_id: (feeding) => String(feeding.Hour),
    name: (feeding) => `${feeding.Hour}:00`,
  },
  list: {
    within: 'zoo_pen',
    read: {
      operation: 'ListFeedings',
      input: { Pen: '{Id}', Again: '{$id}' },
      items: 'Feedings',
      permission: 'zoo:ListFeedings',
      omits_empty: true,
      gone: ['NoSuchPen'],
    },
    columns: { feeding_hour: count('Hour') },
  },
  groups: {},
})

export const zooTable = defineTable<{ list: { Id: string } }>({
  name: 'zoo_account',
  title: 'Zoo',
  docs: 'https://example.com/zoo',
  provider: 'zoo',
  via: 'zoo',
  service: 'pens',
  parts: 'global',
  planned: 'account',
  identity: { key: 'zoo:{Id}', native_id: 'Id', name: 'Id' },
  list: { columns: { zoo_id: text('Id') } },
  groups: {},
})

export const siteTable = defineTable<{ list: { Name: string } }>({
  name: 'zoo_site',
  title: 'Site',
  docs: 'https://example.com/site',
  provider: 'zoo',
  via: 'zoo',
  service: 'pens',
  parts: 'region',
  planned: 'region',
  identity: { key: 'zoo:{$account}:site/{Name}', native_id: 'Name', name: 'Name' },
  list: { columns: { site_name: text('Name') } },
  groups: {},
})

export const vetReport = defineSource({
  name: 'zoo_vet_report',
  title: 'Vet report',
  provider: 'zoo',
  via: 'zoo',
  service: 'vets',
  parts: 'region',
  prepare: {
    operation: 'MakeReport',
    permission: 'zoo:MakeReport',
    reads_only_because: 'it writes a report about the zoo and changes nothing in it',
    until: { path: 'State', equals: 'DONE' },
    wait_ms: 5,
  },
  read: {
    operation: 'GetReport',
    permission: 'zoo:GetReport',
    pages: { out: 'Next', in: 'From', more: 'More' },
  },
  shape: ({ Lines }: { Lines: string[] }) => ({
    pens: Lines.map((line) => {
      const [id = '', checked = '', ...seen_with] = line.split(',')
      return { id, checked, ...(seen_with.length === 0 ? {} : { seen_with }) }
    }),
  }),
  read_at: 'MadeAt',
  lag_ms: 4 * 3_600_000,
  whole: 'last page',
})

export const staffSource = defineSource({
  name: 'zoo_staff',
  title: 'Staff',
  provider: 'zoo',
  via: 'zoo',
  service: 'staff',
  parts: 'region',
  read: { operation: 'ListStaff', permission: 'zoo:ListStaff', pages: { out: 'Next', in: 'From' } },
  lag_ms: 60_000,
  whole: {
    witness: { operation: 'GetStaffRights', permission: 'zoo:GetStaffRights' },
    because: 'the list leaves out who may not be seen',
  },
})

export const zooTables = [penTable, keeperTable, feedingTable, zooTable, siteTable]
export const zooSources = [vetReport, staffSource]

export const zooAnswers: ProviderAnswers = {
  declared: [
    { match: 'TooFast', means: 'throttled' },
    { match: 'Sick', means: 'transient' },
    { match: 'UNREADABLE_ANSWER', means: 'transient' },
    { match: 'Stale', means: 'expired' },
    { match: 'BadKey', means: 'credentials or region' },
    { match: 'ClosedSite', means: 'region not opted in' },
    { match: 'OtherSite', means: 'wrong region' },
    { match: 'Forbidden', means: 'denied' },
  ],
  in_the_way: [
    { message: 'by the board', denied_by: 'service control policy', next: 'Ask the board for {action}.' },
  ],
  denied_next: 'Allow {action}.',
}
