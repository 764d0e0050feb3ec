/**
 * Scans in a process of its own, which its parent kills, or which kills itself after so many statements of the scan.
 * Prints what has ended: whoever reads a line knows that it is in the store. And which transactions are open: whoever
 * kills it knows what it was writing.
 */
import { writeSync } from 'node:fs'
import { type OpenOptions, openDatabase } from '../../src/db/open-database.ts'
import { listenToStatements } from '../../src/db/statement-log.ts'
import { loadDeclared, openStance } from '../../src/run/open-stance.ts'
import { type ScanNarrowing, scan } from '../../src/run/scan.ts'
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
  narrowing?: ScanNarrowing
}

export type ChildLine =
  | { kind: 'scanning' }
  | { kind: 'begin' | 'end'; transaction: number; label: string }
  | { kind: 'cell'; cell: string }
  | { kind: 'done'; statements: number }

const {
  store,
  url,
  data_directory,
  now,
  killed_after,
  resume = false,
  narrowing = {},
} = JSON.parse(process.argv[2] ?? '') as ChildScan
// At once: a line that waits in this process would die with it.
const print = (line: ChildLine) => writeSync(1, `${JSON.stringify(line)}\n`)
const settings = settingsOf({ url }, data_directory)
const db = await openDatabase(store)
const clock = clockFrom(new Date(now))
const stance = await openStance(db, { settings, clock, declared: await loadDeclared(settings.rules) })
const { transaction } = db
let transactions = 0
db.transaction = async (work, options) => {
  if (options?.readOnly === true) return transaction.call(db, work, options) as never
  const one = { transaction: ++transactions, label: options?.label ?? '' }
  const begun: typeof work = (tx) => {
    print({ kind: 'begin', ...one })
    return work(tx)
  }
  try {
    return (await transaction.call(db, begun, options)) as never
  } finally {
    print({ kind: 'end', ...one })
  }
}
let statements = 0
const stop = listenToStatements(() => {
  statements += 1
  if (statements === killed_after) process.kill(process.pid, 'SIGKILL')
})
print({ kind: 'scanning' })
await scan(stance, {
  settings,
  resume,
  narrowing,
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
