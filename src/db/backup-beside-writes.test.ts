import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { backup } from './backup.ts'
import type { Database } from './database.ts'
import { openDatabase } from './open-database.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-test-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

it('a copy is taken while others write without a pause, and is whole', async () => {
  const db = await openDatabase({ path: join(directory, 'stance.duckdb') })
  const copies: string[] = []
  try {
    await db.transaction((tx) => tx.run('create table main.pair (a bigint, b bigint)'))
    const over = { now: false }
    const writers = [1, 2].map((a) => write(db, a, over))
    try {
      for (let nr = 0; nr < 12; nr++) {
        const target = join(directory, `copy-${nr}.duckdb`)
        await backup(db, target)
        copies.push(target)
      }
    } finally {
      over.now = true
      await Promise.all(writers)
    }
  } finally {
    await db.close()
  }
  for (const path of copies) {
    const copy = await openDatabase({ path, readOnly: true })
    const [row] = await copy.query<{ odd: number }>(
      'select count(*) as odd from (select a, b from main.pair group by a, b having count(*) % 2 = 1) x',
    )
    await copy.close()
    expect(row).toEqual({ odd: 0 })
  }
}, 60_000)

/** Two rows a transaction: neither is ever there alone. */
async function write(db: Database, a: number, over: { now: boolean }): Promise<void> {
  for (let b = 0; !over.now; b++)
    await db.transaction(async (tx) => {
      for (const _ of [1, 2]) await tx.run('insert into main.pair values ($1::bigint, $2::bigint)', [a, b])
    })
}
