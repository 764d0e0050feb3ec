import { StanceError } from '../core/errors.ts'
import { isThere } from '../core/file-problem.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open-database.ts'
import { serveReads } from '../db/share.ts'
import { refuseOlderLake, refuseOlderStore } from './refuse-older-store.ts'

/** Which database, as settings say it. */
export interface StoreSettings {
  url?: string | undefined
  /** PostgreSQL: with a login that can only read, for a person's SQL. */
  reader_url?: string | undefined
  path?: string | undefined
  memory_limit: number | 'automatic'
}

/** Opens the store for writing; other processes of this user may read it meanwhile. */
export async function openStore(settings: StoreSettings): Promise<Database> {
  const db = await openDatabase(toOptions(settings))
  const { path, url } = settings
  if (url !== undefined || path === undefined || path === ':memory:') return db
  try {
    const sharing = await serveReads(db, path)
    return closedWith(db, () => sharing.close())
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Opens the store for reading, through the process that holds it where one does. A store that is not there is an error. */
export async function openReading(settings: StoreSettings): Promise<Database> {
  const { path, url } = settings
  if (url === undefined && path !== undefined && !isThere(path)) throw nothingYet(path)
  const db = await openDatabase({ ...toOptions(settings), readOnly: true })
  try {
    const rows = await db.query<{ n: number }>(
      `select count(*) as n from information_schema.tables
       where table_schema = 'stance' and table_name in ('finding', 'resource', 'scan')`,
    )
    if (rows[0]?.n !== 3) throw nothingYet(db.location)
    await refuseOlderStore(db)
    // A scan that ended before it had planned anything (no credentials) leaves a store that says nothing of any cloud.
    const planned = await db.query('select c.account_id from stance.cell c limit 1')
    if (planned.length === 0 && !(await hasHistory(db))) throw nothingYet(db.location)
    await refuseOlderLake(db)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}

/** All accounts that were read may be off by now: what was known of them can still be asked for. */
async function hasHistory(db: Database): Promise<boolean> {
  const rows = await db.query('select h.account_id from stance.finding_history h limit 1')
  return rows.length > 0
}

function nothingYet(location: string): StanceError {
  return new StanceError('STORE_EMPTY', `Nothing has been scanned yet: there is no data in ${location}.`, {
    next: 'Run `stance scan`, or `stance demo` to look around without a cloud account (then add --demo to this command).',
  })
}

function toOptions({ url, path, memory_limit }: StoreSettings) {
  return { url, path, ...(memory_limit === 'automatic' ? {} : { memoryLimit: memory_limit }) }
}

/** The same database, whose end ends something else first. */
function closedWith(db: Database, first: () => Promise<void>): Database {
  const close = db.close.bind(db)
  db.close = async () => {
    await first()
    await close()
  }
  return db
}
