import type { Database, Reader, Transaction, Value } from '../db/database.ts'
import { deleteByAccount } from '../db/delete-by-account.ts'
import { loadTarget } from '../db/load-target.ts'
import type { CellId, CollectedResource } from './collected.ts'
import { fromStagedText } from './staged-text.ts'

/** A chunk is what is in memory at once while a cell is written. */
const resourcesPerChunk = 1_000
const bytesPerChunk = 2_000_000
/** So many chunks wait in memory before they go to the staging table: most cells never need it. */
const chunksInMemory = 3

const stageTarget = loadTarget('stance.resource_stage', {
  account_id: 'text',
  batch: 'text',
  chunk: 'bigint',
  nr: 'bigint',
  staged_at: 'timestamptz',
  resource: 'json',
})

/**
 * What a read handed over until its cell ends: the first few chunks in memory, all before them in the staging
 * table, so that a cell of any size is read in bounded memory.
 */
export class Stage {
  readonly #db: Database
  readonly #cell: CellId
  readonly #batch: string
  #memory: string[][] = []
  #open: string[] = []
  #openBytes = 0
  #staged = 0

  constructor(db: Database, cell: CellId, batch: string) {
    this.#db = db
    this.#cell = cell
    this.#batch = batch
  }

  async add(resource: string, now: Date): Promise<void> {
    this.#open.push(resource)
    this.#openBytes += resource.length
    if (this.#open.length < resourcesPerChunk && this.#openBytes < bytesPerChunk) return
    this.#memory.push(this.#open)
    this.#open = []
    this.#openBytes = 0
    if (this.#memory.length >= chunksInMemory) await this.#flush(now)
  }

  async #flush(now: Date): Promise<void> {
    const first = this.#staged
    const rows = this.#memory.flatMap((chunk, at) =>
      chunk.map((resource, nr): Value[] => {
        return [this.#cell.account_id, this.#batch, first + at, nr, now, resource]
      }),
    )
    await this.#db.transaction((tx) => tx.load(stageTarget, rows), { label: `stage ${this.#cell.table}` })
    this.#staged += this.#memory.length
    this.#memory = []
  }

  /** All that was added, chunk by chunk; may be asked again. */
  async *chunks(tx: Reader): AsyncIterable<CollectedResource[]> {
    for (let chunk = 0; chunk < this.#staged; chunk++) {
      const rows = await tx.query<{ resource: string }>(
        `select resource from stance.resource_stage where account_id = $1 and batch = $2 and chunk = $3
         order by nr nulls last`,
        [this.#cell.account_id, this.#batch, chunk],
      )
      yield rows.map(({ resource }) => fromStagedText(resource))
    }
    for (const chunk of [...this.#memory, this.#open]) {
      if (chunk.length > 0) yield chunk.map(fromStagedText)
    }
  }

  /** It did not fit in memory. */
  get isLarge(): boolean {
    return this.#staged > 0
  }

  async clear(tx: Transaction): Promise<void> {
    if (this.#staged === 0) return
    await tx.run('delete from stance.resource_stage where account_id = $1 and batch = $2', [
      this.#cell.account_id,
      this.#batch,
    ])
  }

  async abandon(): Promise<void> {
    this.#memory = []
    this.#open = []
    if (this.#staged > 0) await this.#db.transaction((tx) => this.clear(tx), { label: 'abandon a stage' })
  }
}

/**
 * Deletes what killed processes left: batches staged before that moment, which must be longer ago than any living
 * process may take for a cell. What marks resources as seen is written and deleted in one transaction: a row of it
 * that can be seen belongs to nobody.
 */
export async function sweepStages(db: Database, before: Date): Promise<number> {
  const staged = await deleteByAccount(db, 'stance.resource_stage', 'staged_at < $1::timestamptz', [before])
  return staged + (await deleteByAccount(db, 'stance.resource_change', 'true'))
}
