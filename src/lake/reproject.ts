import type { Database } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { applyKnown } from './apply-chunk.ts'
import type { LakeCatalogue, LakeTable } from './catalogue.ts'
import { doubtCells } from './cell-outcome.ts'
import { cellsOneByOne } from './cell-rows.ts'
import { deriveFrom, placeOf, type WriteOptions } from './open-cell-write.ts'
import { Tally, toSummary } from './tally.ts'

export interface ReprojectOptions extends Pick<WriteOptions, 'clock' | 'derive' | 'staleAfterMs'> {
  /** Tables to look at; all where left out. */
  tables?: readonly string[]
  /** Resources a transaction. */
  batch?: number
  signal?: AbortSignal
  onProgress?: (progress: { table: string; account_id: string; done: number }) => void
}

/**
 * Computes typed rows again from stored documents where another declaration made them: no cloud is asked, and no
 * document, hash or version changes. Rows know which declaration made them, so it goes on where it was stopped.
 */
export async function reproject(
  db: Database,
  catalogue: LakeCatalogue,
  options: ReprojectOptions,
): Promise<{ resources: number }> {
  let resources = 0
  for (const table of catalogue.tables.values()) {
    if (options.tables !== undefined && !options.tables.includes(table.declared.name)) continue
    for (const account of await outdatedAccounts(db, table)) {
      resources += await reprojectAccount(db, catalogue, table, account, options)
    }
  }
  return { resources }
}

async function outdatedAccounts(db: Database, table: LakeTable): Promise<string[]> {
  const rows = await db.query<{ account_id: string }>(
    `select account_id from stance.resource where table_name = $1 and projection <> $2
     group by account_id order by account_id nulls last`,
    [table.declared.name, table.projection],
  )
  return rows.map(({ account_id }) => account_id)
}

interface Outdated {
  resource_key: string
  part: string
  cloud_partition: string
}

async function reprojectAccount(
  db: Database,
  catalogue: LakeCatalogue,
  table: LakeTable,
  accountId: string,
  options: ReprojectOptions,
): Promise<number> {
  const { batch = 500, signal, onProgress } = options
  const name = table.declared.name
  let done = 0
  let last = ''
  for (;;) {
    signal?.throwIfAborted()
    const some = await db.transaction(
      async (tx) => {
        await takeTurn(tx, accountId)
        const rows = await tx.query<Outdated>(
          `select resource_key, part, cloud_partition from stance.resource
           where account_id = $1 and table_name = $2 and projection <> $3 and resource_key > $4
           order by resource_key nulls last limit ${batch}`,
          [accountId, name, table.projection, last],
        )
        const first = rows[0]
        if (first === undefined) return rows
        const cell = { account_id: accountId, table: name, part: first.part }
        const place = placeOf(catalogue, cell, { ...options, partition: first.cloud_partition })
        const tally = new Tally()
        const keys = rows.map(({ resource_key }) => resource_key)
        await applyKnown(tx, place, keys, tally)
        const part = rows.every((row) => row.part === first.part) ? first.part : '*'
        const doubted = await doubtCells(cellsOneByOne(tx), cell, tally.unlisted, place.now)
        const cell_changed = doubted.length > 0
        await deriveFrom(tx, options.derive, { ...cell, part }, { ...toSummary(tally), cell_changed })
        return rows
      },
      { label: `reproject ${name}` },
    )
    if (some.length === 0) return done
    done += some.length
    last = some.at(-1)!.resource_key
    onProgress?.({ table: name, account_id: accountId, done })
  }
}
