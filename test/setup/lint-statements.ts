import { createHash } from 'node:crypto'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, inject } from 'vitest'
import { listenToStatements } from '../../src/db/statement-log.ts'

/*
 * Every statement that a test file sends through `src/db` must be able to run on Citus: joins keep to one
 * account, and nothing moves rows unless the SQL says why. So no SQL escapes the lint, and nobody has to
 * remember it. What another file of the same run has sent before, and was found fit, is not looked at again.
 */
const statements = new Set<string>()
const stop = listenToStatements((sql) => statements.add(sql))

afterAll(async () => {
  stop()
  if (statements.size === 0) return
  const fit = join(inject('sharedDirectory'), 'fit-statements')
  const known = new Set((await readFile(fit, 'utf8').catch(() => '')).split('\n'))
  const unknown = [...statements].filter((sql) => !known.has(hashOf(sql)))
  if (unknown.length === 0) return
  const { loadDistributionLint } = await import('../../src/db/citus-lint/lint-distribution.ts')
  const { lintStatement } = await import('../../src/db/citus-lint/lint-statement.ts')
  const { createPlacementOf } = await import('../../src/db/placement.ts')
  const { ownViews } = await import('../../src/lake/own-views.ts')
  await loadDistributionLint()
  const own = new Map(
    ownViews.map(({ name, from, columns }) => [
      name,
      `select ${columns.map((column) => column.name).join(', ')} from ${from}`,
    ]),
  )
  const viewOf = (name: string) =>
    own.get(name) ?? (name.startsWith('aws_') ? `select * from lake.${name}` : undefined)
  const placementOf = createPlacementOf()
  const found: string[] = []
  const problems = unknown.flatMap((sql) => {
    const reasons = lintStatement(sql, placementOf, viewOf)
    if (reasons === undefined) {
      found.push(`${hashOf(sql)}\n`)
      return []
    }
    const remedies = reasons.map(({ code, verdict, message }) => `  ${code} (${verdict}): ${message}.`)
    return [`${sql.trim()}\n${remedies.join('\n')}`]
  })
  await appendFile(fit, found.join(''))
  if (problems.length === 0) return
  throw new Error(
    `${problems.length} statement(s) of this file cannot run on Citus as they are (docs/guide/citus.md).\n` +
      `A pull that is meant says \`/* pull: why */\` or \`/* across: accounts */\` in the SQL.\n\n` +
      problems.join('\n\n'),
  )
})

function hashOf(sql: string): string {
  return createHash('sha256').update(sql).digest('base64')
}
