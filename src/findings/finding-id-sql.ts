import type { EngineName } from '../db/database.ts'
import { joinedSha256 } from '../db/sha256-sql.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** The SQL of `findingId` (src/core/finding-id.ts), so that a million findings open without leaving the store. */
export function findingIdSql(engine: EngineName, parts: readonly string[]): { digest: string; id: string } {
  const bits = engine === 'duckdb' ? hexToIntDuckdb : hexToIntPostgres
  const characters: string[] = []
  for (let at = 0; at < 25; at += 5) {
    for (const shift of [15, 10, 5, 0]) {
      characters.push(`substr('${alphabet}', ((${bits('digest', at + 1)} >> ${shift}) & 31) + 1, 1)`)
    }
  }
  return { digest: joinedSha256(engine, parts), id: characters.join(' || ') }
}

function hexToIntDuckdb(column: string, from: number): string {
  return `cast('0x' || substr(${column}, ${from}, 5) as integer)`
}

function hexToIntPostgres(column: string, from: number): string {
  return `('x' || substr(${column}, ${from}, 5))::bit(20)::integer`
}
