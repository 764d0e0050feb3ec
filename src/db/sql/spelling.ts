import type { SqlType } from './ast.ts'

/**
 * How each engine spells what the other spells otherwise: the one place. `plain` is PostgreSQL's grammar with
 * our own meaning; it is what the parser reads, and what two pieces of SQL are compared by. Never run it.
 */
export type Dialect = 'plain' | 'postgres' | 'duckdb'

export interface Spelling {
  types: Record<SqlType, string>
  /** After a LIKE pattern: no engine shall have an escape character. */
  likeEnd: string
  /** LIKE with a pattern that is written and has `_`, where that has to be said otherwise. */
  likePlaces?: (operand: string, pattern: string) => string
  bytewise(operand: string): string
  /** Functions that differ by name or meaning; the others are printed as `name(args)`. */
  calls: Record<string, (...args: string[]) => string>
}

const types: Record<SqlType, string> = {
  text: 'text',
  boolean: 'boolean',
  integer: 'integer',
  bigint: 'bigint',
  wide: 'numeric',
  double: 'double precision',
  timestamptz: 'timestamptz',
  date: 'date',
  interval: 'interval',
}

/** Pieces of text one after another, none of them NULL. Balanced, so that many do not nest deep. */
function joinedByOperator(...texts: string[]): string {
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return only
  const middle = Math.ceil(texts.length / 2)
  return `(${joinedByOperator(...texts.slice(0, middle))} || ${joinedByOperator(...texts.slice(middle))})`
}

const capitals = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
const smalls = "'abcdefghijklmnopqrstuvwxyz'"

export const spellings: Record<Dialect, Spelling> = {
  plain: { types, likeEnd: '', bytewise: (operand) => `(${operand} collate "C")`, calls: {} },
  postgres: {
    types,
    likeEnd: " escape ''",
    bytewise: (operand) => `(${operand} collate "C")`,
    calls: {
      // Half the time of concat().
      joined: joinedByOperator,
      // Case is that of ASCII on every engine: collations and Unicode versions differ.
      lower: (text = '') => `lower(${text} collate "C")`,
      upper: (text = '') => `upper(${text} collate "C")`,
      length: (text = '') => `cast(length(${text}) as bigint)`,
      ends_with: (text = '', end = '') => `(right(${text}, length(${end})) = ${end})`,
      // Division of whole numbers without the rest.
      whole_div: (a = '', b = '') => `(${a} / ${b})`,
      // Microseconds since 1970.
      epoch_us: (time = '') => `cast(extract(epoch from ${time}) * 1000000 as bigint)`,
    },
  },
  duckdb: {
    types: { ...types, wide: 'hugeint', double: 'double' },
    likeEnd: '',
    // DuckDB tries every way through such a pattern: `%a_` eight times over 60 letters took 9 s for one row, and
    // cannot be interrupted. RE2 needs one pass.
    likePlaces: (operand, pattern) => `regexp_full_match(${operand}, ${pattern}, 's')`,
    bytewise: (operand) => operand,
    calls: {
      // A third of the time of the operator, which makes a string for every piece.
      joined: (...texts) => `concat(${texts.join(', ')})`,
      lower: (text = '') => `translate(${text}, ${capitals}, ${smalls})`,
      upper: (text = '') => `translate(${text}, ${smalls}, ${capitals})`,
      whole_div: (a = '', b = '') => `(${a} // ${b})`,
    },
  },
}

/** Words that one of the engines reserves; a name among them is quoted. From pg_get_keywords() and duckdb_keywords(). */
export const reservedWords: ReadonlySet<string> = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit boolean
  both by case cast char character check coalesce collate collation column columns concurrently constraint create
  cross current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
  decimal default deferrable desc describe distinct do else end except exists extract false fetch float for foreign
  freeze from full generated glob grant greatest group grouping grouping_id having ilike in initially inner inout
  int integer intersect interval into is isnull join json_array json_arrayagg json_exists json_object
  json_objectagg json_query json_scalar json_serialize json_table json_value lambda lateral leading least left like
  limit localtime localtimestamp map merge_action national natural nchar none normalize not notnull null nullif
  numeric offset on only or order out outer overlaps overlay pivot pivot_longer pivot_wider placing position
  positional precision primary qualify real references returning right row rows select semi session_user setof show
  similar smallint some struct substring summarize symmetric system_user table tablesample then time timestamp to
  trailing treat trim true try_cast union unique unpack unpivot user using values varchar variadic verbose when
  where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
  xmlserialize xmltable`.split(/\s+/),
)

/** A LIKE pattern without an escape character as RE2 reads it, `.` being any character. */
export function likeToRegex(pattern: string): string {
  return pattern
    .replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
    .replace(/%+/g, '.*')
    .replaceAll('_', '.')
}
