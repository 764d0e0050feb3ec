const clause = /,\s*(?:--[^\n]*\n\s*)*(?:constraint\s+\w+\s+)?primary\s+key\s*\([^()]*\)/i

/** Big tables in DuckDB carry no indexes: there the clause is left out, and uniqueness is by construction. */
export function withoutPrimaryKey(sql: string): string {
  return sql.replace(clause, '')
}

/** The columns of the clause, in order; none where there is no clause. */
export function primaryKeyOf(sql: string): string[] {
  const found = /primary\s+key\s*\(([^()]*)\)/i.exec(sql)?.[1] ?? ''
  return found
    .split(',')
    .map((column) => column.trim())
    .filter((column) => column !== '')
}
