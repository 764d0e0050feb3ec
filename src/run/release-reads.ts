import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import type { SharedReads } from '../collect/kernel/shared-reads.ts'

/** Lets go of what the cells of an account share when the last of them has ended: a scan may have many accounts. */
export class ReleaseReads {
  readonly #shared: Pick<SharedReads, 'release'>
  readonly #left = new Map<string, number>()

  constructor(shared: Pick<SharedReads, 'release'>) {
    this.#shared = shared
  }

  /** Cells that are going to be read; answers them. */
  expect(cells: PlannedCell[]): PlannedCell[] {
    for (const { account_id } of cells) this.#left.set(account_id, (this.#left.get(account_id) ?? 0) + 1)
    return cells
  }

  /** However it ended. */
  async ended({ account_id }: PlannedCell): Promise<void> {
    const left = (this.#left.get(account_id) ?? 0) - 1
    if (left > 0) {
      this.#left.set(account_id, left)
      return
    }
    this.#left.delete(account_id)
    await this.#shared.release(account_id)
  }
}
