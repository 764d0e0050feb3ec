import type { Param } from './database.ts'

/**
 * The conditions of a hand-written query that a filter asks for, with the parameters that they name. Columns and SQL
 * are ours, values anybody's.
 *
 *     const asked = new Conditions().among({ 'f.region': filter.regions })
 *     if (filter.since !== undefined) asked.add(`f.since >= ${asked.param(filter.since)}::timestamptz`)
 *     db.query(`select … where ${asked.sql}`, asked.params)
 */
export class Conditions {
  readonly params: Param[] = []
  readonly #all = ['true']

  get sql(): string {
    return this.#all.join(' and ')
  }

  /** Takes the value, and gives what stands for it in SQL. */
  param(value: Param): string {
    this.params.push(value)
    return `$${this.params.length}`
  }

  add(condition: string): this {
    this.#all.push(condition)
    return this
  }

  /** Each column has one of the values beside it; undefined asks for nothing. */
  among(lists: Readonly<Record<string, readonly string[] | undefined>>): this {
    for (const [column, values] of Object.entries(lists))
      if (values !== undefined) this.add(`${column} = any(${this.param(values)}::text[])`)
    return this
  }

  /** The text stands somewhere in one of the columns, in whatever case. */
  containing(columns: readonly string[], text: string | undefined): this {
    if (text === undefined) return this
    const sought = this.param(text.toLowerCase())
    const inside = columns.map((column) => `strpos(lower(coalesce(${column}, '')), ${sought}::text) > 0`)
    return this.add(`(${inside.join(' or ')})`)
  }
}
