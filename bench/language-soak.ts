import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../src/db/database.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { soakBatch } from '../src/evaluate/language/soak.fixture.ts'

/**
 * Holds the rule compiler against the reference for as many batches as asked: each about 50 random conditions
 * over 45 random worlds.
 *
 *     node bench/language-soak.ts [batches=100] [first seed=1000] [a PostgreSQL URL of a scratch database]
 */
const [batches = '100', first = '1000', url] = process.argv.slice(2)
const directory = await mkdtemp(join(tmpdir(), 'stance-soak-'))
const databases: Database[] = [await openDatabase({ path: join(directory, 'soak.duckdb') })]
if (url !== undefined) databases.push(await openDatabase({ url }))
const total = { conditions: 0, verdicts: 0, unknown: 0, problems: 0 }
const refused: Record<string, number> = {}
const started = performance.now()
try {
  for (let seed = Number(first); seed < Number(first) + Number(batches); seed++) {
    const result = await soakBatch(databases, seed)
    total.conditions += result.conditions
    total.verdicts += result.verdicts
    total.unknown += result.unknown
    total.problems += result.problems.length
    for (const [code, count] of Object.entries(result.refused)) refused[code] = (refused[code] ?? 0) + count
    for (const problem of result.problems.slice(0, 3)) console.log(`seed ${String(seed)}: ${problem}`)
  }
} finally {
  for (const database of databases) await database.close()
  await rm(directory, { recursive: true, force: true })
}
const seconds = ((performance.now() - started) / 1000).toFixed(1)
console.log(
  `${databases.map(({ engine }) => engine).join(', ')}: ${batches} batches in ${seconds} s`,
  total,
  'refused',
  refused,
)
process.exitCode = total.problems === 0 ? 0 : 1
