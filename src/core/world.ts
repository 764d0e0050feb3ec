/**
 * A world is a set of typed tables in which rules can be judged (language.md §3.8): the live lake, a past
 * moment, the rows of proofs; later a Terraform plan. All have the same shape; compiled SQL asks the world
 * for every name that it prints.
 */
export interface World {
  /** Schema-qualified relation of a lake table: `lake.aws_s3_bucket`, `scratch_1.aws_s3_bucket`. */
  relation(table: string): string
  /**
   * Relation with one row per known cell: account_id text, table_name text, part text, state text, in_force boolean
   * (TRUE: its content may be relied on, whether just read or kept from the last good read), ok_at timestamptz (when
   * the last good read of it began; NULL: not told). What it does not speak of is unread.
   */
  readonly cells: string
  /**
   * Where it is named, only what the last read of it confirmed counts, and what is kept since its last read failed is as
   * unread: relation with one row per resource: account_id, resource_key, part text, list_read_at timestamptz. Then cells
   * have timestamptz attempted_at (when the last read of it began) and awaited_since (when the scan began that is about to
   * read it), too.
   */
  readonly resources?: string
  /** Where there are any, what a scan is about to read is as unread, too; facts (`table.column`) that follow from it. */
  readonly awaitedFacts?: ReadonlySet<string>
}

export const liveWorld: World = {
  relation: (table) => `lake.${table}`,
  cells: 'stance.cell',
}

/** The lake without what is kept of it since its last read failed. */
export const confirmedWorld: World = { ...liveWorld, resources: 'stance.resource' }

/** … and without what a scan is about to read. */
export function settledWorld(awaitedFacts: ReadonlySet<string>): World {
  return { ...confirmedWorld, awaitedFacts }
}

export function schemaWorld(schema: string): World {
  return { relation: (table) => `${schema}.${table}`, cells: `${schema}.cell` }
}
