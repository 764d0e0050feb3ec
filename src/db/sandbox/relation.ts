/** The types that a person's SQL knows. Whole numbers are all bigint, all other numbers double. */
export type ValueType = 'text' | 'boolean' | 'bigint' | 'double' | 'timestamptz' | 'date' | 'json'

export interface RelationColumn {
  name: string
  type: ValueType
}

/** A view (or table) that a person's SQL may name. */
export interface Relation {
  /** Schema-qualified, as the store knows it: `public.aws_s3_bucket`. A person may leave `public.` out. */
  name: string
  columns: readonly RelationColumn[]
  /**
   * May be read by who sees some accounts only, although it has no `account_id`: rules, frameworks.
   * Without this such a reader is refused.
   */
  shared?: boolean
}

export interface ResultColumn {
  name: string
  type: ValueType
}
