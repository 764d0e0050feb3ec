import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { goodZoo, ok, pen, penCell, type Zoo, zoo } from '../collect/kernel/collect.fixture.ts'
import { collectCell } from '../collect/kernel/collect-cell.ts'
import { SharedReads } from '../collect/kernel/shared-reads.ts'
import { ReleaseReads } from './release-reads.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-spools-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Pens that no memory is spared for: their listing lies in a file. */
const large = Array.from({ length: 45 }, (_, at) => pen(`p${at}`, { Name: 'x'.repeat(100_000) }))
const accounts = Array.from({ length: 12 }, (_, at) => String(111122220000 + at))
const tables = ['zoo_pen', 'zoo_feeding']

function zooOf(pens = large): Zoo {
  const one = zoo({ ...goodZoo(pens), ListFeedings: () => ok({}) })
  one.shared = new SharedReads(one.registry, directory)
  one.openWriter = () => ({ add: async () => {}, finish: async () => 'kept', abandon: async () => {} })
  return one
}

it('holds what one account needs, however many there are, in memory and in files', async () => {
  const at = zooOf()
  const cells = accounts.flatMap((account_id) => tables.map((table) => penCell({ account_id, table })))
  const releasing = new ReleaseReads(at.shared)
  const most = { accounts: 0, files: 0 }
  for (const cell of releasing.expect(cells)) {
    await collectCell({ ...cell, groups: [] }, at)
    most.accounts = Math.max(most.accounts, at.shared.held.size)
    most.files = Math.max(most.files, (await readdir(directory)).length)
    await releasing.ended(cell)
  }
  expect(most).toEqual({ accounts: 1, files: 1 })
  expect([...at.shared.held]).toEqual([])
  expect(await readdir(directory)).toEqual([])
  // One listing for both cells of each account.
  expect(at.wire.asked('ListPens')).toHaveLength(accounts.length)
}, 60_000)

it('keeps what a cell still needs, and reads anew for one that is tried again later', async () => {
  const at = zooOf([pen('a')])
  const releasing = new ReleaseReads(at.shared)
  const [pens, feedings] = releasing.expect(tables.map((table) => penCell({ table, groups: [] })))
  await collectCell(pens!, at)
  await releasing.ended(pens!)
  expect([...at.shared.held.values()]).toEqual([1])
  // Busy: another scan has it.
  await releasing.ended(feedings!)
  expect([...at.shared.held]).toEqual([])
  releasing.expect([feedings!])
  await collectCell(feedings!, at)
  expect(at.wire.asked('ListPens')).toHaveLength(2)
  await releasing.ended(feedings!)
  expect([...at.shared.held]).toEqual([])
})
