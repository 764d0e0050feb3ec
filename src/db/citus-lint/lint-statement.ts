import type { PlacementOf } from '../placement.ts'
import { lintDistribution } from './lint-distribution.ts'
import type { ViewOf } from './read-statement.ts'
import type { Reason } from './reasons.ts'

/**
 * What is wrong with a statement of ours, for the tests; undefined if nothing is.
 *
 * A pull that is meant says so in the SQL: a rule that looks into other accounts by `across: accounts`, all
 * else by `pull: why`, each as a block comment. `engine: duckdb` and `engine: postgres` mark what only one
 * engine is ever sent. What has a table that nobody has placed (a test's own) is let through.
 */
export function lintStatement(sql: string, placementOf: PlacementOf, viewOf?: ViewOf): Reason[] | undefined {
  const exempt = exemptionOf(sql)
  if (exempt === 'engine') return undefined
  const { reasons } = lintDistribution(sql, placementOf, viewOf)
  if (reasons.some(({ code }) => code === 'unknown-placement')) return undefined
  if (reasons.some(({ code }) => code === 'unreadable') && isCommand(sql)) return undefined
  const wrong = reasons.filter(({ verdict }) => verdict !== 'pull' || exempt === undefined)
  return wrong.length > 0 ? wrong : undefined
}

function exemptionOf(sql: string): 'pull' | 'engine' | undefined {
  const found = /\/\*\s*(?:(across): accounts|(pull): \S[^*]*|(engine): (?:duckdb|postgres))\s*\*\//.exec(sql)
  if (found === null) return undefined
  return found[3] === undefined ? 'pull' : 'engine'
}

/** DuckDB's commands that PostgreSQL's grammar does not have; they read and write no rows of ours. */
const commands = new Set(
  'pragma attach detach checkpoint force copy export import install load set reset use describe summarize show vacuum call'.split(
    ' ',
  ),
)

const isCommand = (sql: string): boolean =>
  commands.has(/^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*([a-z]+)/is.exec(sql)?.[1]?.toLowerCase() ?? '')
