/**
 * Scans in a process of its own, which its parent kills, or which kills itself after so many statements of the scan.
 * Prints what has ended: whoever reads a line knows that it is in the store.
 */
import { type OpenOptions, openDatabase } from '../../src/db/open-database.ts'
import { listenToStatements } from '../../src/db/statement-log.ts'
import { loadDeclared, openStance } from '../../src/run/open-stance.ts'
import { scan } from '../../src/run/scan.ts'
import { briskly, clockFrom, settingsOf } from './open-estate.ts'

export interface ChildScan {
  store: OpenOptions
  /** Of the replay server. */
  url: string
  data_directory: string
  /** Milliseconds. */
  now: number
  /** It kills itself when so many statements of the scan have run. */
  killed_after?: number
  resume?: boolean
}

export type ChildLine =
  | { kind: 'scanning' }
  | { kind: 'cell'; cell: string }
  | { kind: 'done'; statements: number }

const {
  store,
  url,
  data_directory,
  now,
  killed_after,
  resume = false,
} = JSON.parse(process.argv[2] ?? '') as ChildScan
const print = (line: ChildLine) => process.stdout.write(`${JSON.stringify(line)}\n`)
const settings = settingsOf({ url }, data_directory)
const db = await openDatabase(store)
const clock = clockFrom(new Date(now))
const stance = await openStance(db, { settings, clock, declared: await loadDeclared(settings.rules) })
let statements = 0
const stop = listenToStatements(() => {
  statements += 1
  if (statements === killed_after) process.kill(process.pid, 'SIGKILL')
})
print({ kind: 'scanning' })
await scan(stance, {
  settings,
  resume,
  pace: briskly,
  report(event) {
    if (event.kind !== 'cell_ended') return
    const { account_id, table, part } = event.cell
    print({ kind: 'cell', cell: `${account_id} ${table} ${part}` })
  },
})
stop()
print({ kind: 'done', statements })
await db.close()
