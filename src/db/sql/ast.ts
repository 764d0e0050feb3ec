/**
 * The closed SELECT subset that Stance reads and prints. What is not here does not exist for us: the parser
 * refuses it by name, and the emitter cannot print it. The rule language (src/evaluate/language) and the
 * sandbox for a person's SQL each allow a part of it.
 *
 * `at` is the character offset in the text that was parsed; nodes made by a program have none.
 */
export type SqlType =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'bigint'
  /** Whole numbers that cannot overflow: numeric on PostgreSQL, hugeint on DuckDB. Made by programs only. */
  | 'wide'
  | 'double'
  | 'timestamptz'
  | 'date'
  | 'interval'

export type BinaryOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '||'

interface Node {
  at?: number
}

export type Expr =
  | (Node & { kind: 'text'; value: string })
  /** A number as it was written: `5`, `-0.5`, `1e10`. */
  | (Node & { kind: 'number'; text: string })
  | (Node & { kind: 'boolean'; value: boolean })
  | (Node & { kind: 'null' })
  /** A constant with its type: `timestamptz '2026-01-01 00:00:00+00'`. */
  | (Node & { kind: 'typed'; type: SqlType; value: string })
  | (Node & { kind: 'column'; table?: string; name: string })
  | (Node & { kind: 'star'; table?: string })
  /** `$1` */
  | (Node & { kind: 'param'; number: number })
  | (Node & { kind: 'not'; operand: Expr })
  | (Node & { kind: 'minus'; operand: Expr })
  | (Node & { kind: 'logic'; op: 'and' | 'or'; operands: Expr[] })
  | (Node & { kind: 'binary'; op: BinaryOperator; left: Expr; right: Expr })
  | (Node & { kind: 'is'; test: 'null' | 'true' | 'false' | 'unknown'; negated: boolean; operand: Expr })
  | (Node & { kind: 'distinct'; negated: boolean; left: Expr; right: Expr })
  | (Node & { kind: 'between'; negated: boolean; operand: Expr; low: Expr; high: Expr })
  | (Node & { kind: 'in_list'; negated: boolean; operand: Expr; items: Expr[] })
  | (Node & { kind: 'in_select'; negated: boolean; operand: Expr; query: Query })
  /** Without an escape character on every engine. */
  | (Node & { kind: 'like'; negated: boolean; ignoreCase: boolean; operand: Expr; pattern: Expr })
  | (Node & { kind: 'case'; operand?: Expr; whens: { when: Expr; result: Expr }[]; otherwise?: Expr })
  | (Node & {
      kind: 'call'
      name: string
      args: Expr[]
      distinct: boolean
      orderBy: Order[]
      filter?: Expr
      over?: { partitionBy: Expr[]; orderBy: Order[] }
    })
  | (Node & { kind: 'cast'; operand: Expr; type: SqlType })
  /** Order by bytes, whatever the database's collation is. */
  | (Node & { kind: 'bytewise'; operand: Expr })
  | (Node & { kind: 'exists'; query: Query })
  | (Node & { kind: 'scalar'; query: Query })

export interface Order {
  expr: Expr
  descending: boolean
  nulls: 'first' | 'last'
}

export type From =
  | (Node & { kind: 'table'; schema?: string; name: string; as?: string })
  | (Node & { kind: 'subselect'; query: Query; as: string })
  | (Node & {
      kind: 'join'
      join: 'inner' | 'left' | 'right' | 'full' | 'cross'
      left: From
      right: From
      on?: Expr
    })

export interface Target {
  expr: Expr
  as?: string
}

export interface Select extends Node {
  kind: 'select'
  with: CommonTable[]
  distinct: boolean
  targets: Target[]
  from: From[]
  where?: Expr
  groupBy: Expr[]
  having?: Expr
  orderBy: Order[]
  limit?: Expr
  offset?: Expr
}

export interface SetOperation extends Node {
  kind: 'set'
  with: CommonTable[]
  op: 'union' | 'intersect' | 'except'
  all: boolean
  left: Query
  right: Query
  orderBy: Order[]
  limit?: Expr
  offset?: Expr
}

export interface CommonTable extends Node {
  name: string
  query: Query
}

export type Query = Select | SetOperation
