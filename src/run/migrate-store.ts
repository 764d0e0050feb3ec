import { systemClock } from '../core/clock.ts'
import { StanceError } from '../core/errors.ts'
import { isThere } from '../core/file-problem.ts'
import type { Logger } from '../core/log.ts'
import { type Changes, countBySeverity, countChanges } from './count-changes.ts'
import { judgeMarked } from './judge-marked.ts'
import { type Opened, openStance } from './open-stance.ts'
import { openStore, type StoreSettings } from './open-store.ts'
import type { RunSettings } from './run-settings.ts'

export interface Migrated {
  location: string
  opened: Opened
  /** What was judged by it, and befell findings. */
  changes: Changes & { by_severity: Awaited<ReturnType<typeof countBySeverity>> }
}

/** Gives a store the shape that this Stance knows, and judges what that changes; no cloud is asked. */
export async function migrateStore(
  settings: RunSettings & { database: StoreSettings },
  logger: Logger,
): Promise<Migrated> {
  const { path, url } = settings.database
  if (url === undefined && path !== undefined && !isThere(path))
    throw new StanceError('STORE_EMPTY', `There is no database ${path}.`, {
      next: 'Run `stance scan`: it makes one.',
    })
  const db = await openStore(settings.database)
  try {
    const before = systemClock.now()
    const stance = await openStance(db, { settings, clock: systemClock, logger })
    await judgeMarked(stance)
    const changes = { ...(await countChanges(db, before)), by_severity: await countBySeverity(db, before) }
    return { location: db.location, opened: stance.opened, changes }
  } finally {
    await db.close()
  }
}
