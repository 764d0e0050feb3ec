import { expect, it } from 'vitest'
import { text } from '../../lake/columns.ts'
import { defineTable } from '../../lake/define-table.ts'
import { no, ok, penCell, type Script, zoo } from './collect.fixture.ts'
import { collectCell } from './collect-cell.ts'
import { readOne } from './read-one.ts'
import { TableRegistry } from './table-registry.ts'

interface Cage {
  Id: string
  House?: string
}

const cages = defineTable<{ list: Cage }>({
  name: 'zoo_cage',
  title: 'Cage',
  docs: 'https://example.com/cage',
  provider: 'zoo',
  via: 'zoo',
  service: 'cages',
  parts: 'region',
  identity: {
    key: 'zoo:{$region}:cage/{Id}',
    native_id: 'Id',
    name: 'Id',
    region: (cage) => cage.House ?? '',
  },
  list: {
    read: { operation: 'ListCages', items: 'Cages', permission: 'zoo:ListCages' },
    one: { operation: 'ListCages', input: { Only: '{$id}' }, items: 'Cages', permission: 'zoo:ListCages' },
    completion: {
      misses: (cage) => cage.House === undefined,
      read: {
        operation: 'GetHouse',
        input: { Cage: '{Id}' },
        permission: 'zoo:GetHouse',
        gone: ['NoSuchCage'],
      },
      shape: (cage, { House }: { House: string }) => ({ ...cage, House }),
    },
    columns: { house: text('House') },
  },
  groups: {},
})

const some: Script = {
  ListCages: () => ok({ Cages: [{ Id: 'a', House: 'ape' }, { Id: 'b' }] }),
  GetHouse: () => ok({ House: 'bear' }),
}

function houses(script: Script) {
  return { ...zoo(script), registry: new TableRegistry([cages], []) }
}

async function listed(script: Script) {
  const at = houses(script)
  await collectCell(penCell({ table: 'zoo_cage' }), at)
  const [cell] = at.kept
  return {
    state: cell?.end?.state,
    failure: cell?.end !== undefined && 'failure' in cell.end ? cell.end.failure : undefined,
    rows: cell?.resources.map(({ native_id, region }) => `${native_id} in ${region}`),
    asked: at.wire.asked('GetHouse').map(({ input }) => input.Cage),
  }
}

it('asks for what a listing left out, of that row only', async () => {
  expect(await listed(some)).toMatchObject({ state: 'ok', rows: ['a in ape', 'b in bear'], asked: ['b'] })
  const all = { ...some, ListCages: () => ok({ Cages: [{ Id: 'a', House: 'ape' }] }) }
  expect(await listed(all)).toMatchObject({ state: 'ok', asked: [] })
})

it('leaves a row out that cannot be completed, and says that the listing is not whole', async () => {
  const denied = await listed({ ...some, GetHouse: () => no('Forbidden') })
  expect(denied).toMatchObject({ state: 'denied', rows: ['a in ape'], failure: { action: 'zoo:GetHouse' } })
  expect(await listed({ ...some, GetHouse: () => no('What') })).toMatchObject({ state: 'error' })
})

it('takes one that went in between for gone', async () => {
  expect(await listed({ ...some, GetHouse: () => no('NoSuchCage') })).toMatchObject({
    state: 'ok',
    rows: ['a in ape'],
  })
})

it('completes a single read, too', async () => {
  const one = async (script: Script) => {
    const at = houses(script)
    return readOne(cages, 'b', penCell({ table: 'zoo_cage' }), at)
  }
  expect(await one(some)).toMatchObject({ end: 'found', resource: { region: 'bear' } })
  expect(await one({ ...some, GetHouse: () => no('NoSuchCage') })).toMatchObject({ end: 'gone' })
  expect(await one({ ...some, GetHouse: () => no('Forbidden') })).toMatchObject({
    end: 'unread',
    state: 'denied',
  })
})
