import type { EngineName } from '../db/database.ts'
import { joinedSha256 } from '../db/sha256-sql.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const characters = Array.from({ length: 20 }, (_, nr) => nr)

/** The id of a finding in SQL, in two steps so that the digest is computed once. */
export interface FindingIdSql {
  /** To be selected as `digest`, in a subselect around which `id` is printed. */
  digest: string
  /** The end of a subselect whose columns are to be computed once, however often they are named around it; may be ''. */
  once: string
  /** Over a column `digest`. */
  id: string
}

/** The SQL of `findingId` (src/core/finding-id.ts), so that a million findings open without leaving the store. */
export function findingIdSql(engine: EngineName, parts: readonly string[]): FindingIdSql {
  return engine === 'duckdb' ? inDuckdb(parts) : inPostgres(engine, parts)
}

/** DuckDB computes an expression that stands in a statement many times once. */
function inDuckdb(parts: readonly string[]): FindingIdSql {
  const id = characters.map((nr) => {
    const bits = `cast('0x' || substr(digest, ${5 * Math.floor(nr / 4) + 1}, 5) as integer)`
    return `substr('${alphabet}', ((${bits} >> ${15 - 5 * (nr % 4)}) & 31) + 1, 1)`
  })
  return { digest: joinedSha256('duckdb', parts), once: '', id: id.join(' || ') }
}

/**
 * PostgreSQL takes a plain subselect apart and computes the digest anew for each character, 30 µs a finding where 3 µs
 * suffice, unless an OFFSET keeps it together. Citus would have to bring all rows of such a one to the coordinator.
 */
function inPostgres(engine: EngineName, parts: readonly string[]): FindingIdSql {
  const letters = `'\\x${Buffer.from(alphabet).toString('hex')}'::bytea`
  const id = characters.map((nr) => `substr(${letters}, ${fiveBits(5 * nr)} + 1, 1)`)
  const bytes = parts.map((part) => `convert_to(${part}, 'UTF8')`).join(` || '\\x00'::bytea || `)
  return {
    digest: `sha256(${bytes})`,
    once: engine === 'postgres' ? 'offset 0' : '',
    // Not convert_from(): its text has another collation than the column, and no index would be used.
    id: `encode(${id.join(' || ')}, 'escape')`,
  }
}

/** Five bits of the digest from one of its bits on, the highest first. */
function fiveBits(from: number): string {
  const [byte, bit] = [Math.floor(from / 8), from % 8]
  if (bit <= 3) return `((get_byte(digest, ${byte}) >> ${3 - bit}) & 31)`
  const two = `((get_byte(digest, ${byte}) << 8) | get_byte(digest, ${byte + 1}))`
  return `((${two} >> ${11 - bit}) & 31)`
}
