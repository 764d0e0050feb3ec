import type { EngineName } from './database.ts'

/** Lower-case hex of SHA-256 over text expressions joined by NUL, which PostgreSQL cannot hold as text. */
export function joinedSha256(engine: EngineName, parts: readonly string[]): string {
  if (engine === 'duckdb') return `sha256(${parts.join(` || chr(0) || `)})`
  const bytes = parts.map((part) => `convert_to(${part}, 'UTF8')`).join(` || '\\x00'::bytea || `)
  return `encode(sha256(${bytes}), 'hex')`
}
