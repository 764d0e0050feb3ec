import type { Expr } from '../sql/ast.ts'
import type { InnerType } from './typed.ts'

export interface SourceColumn {
  /** As the person calls it. */
  name: string
  /** As it is printed. */
  printed: string
  type: InnerType
  width: number
}

/** One item of FROM. Its printed alias is ours: no name that a person typed is ever printed. */
export interface Source {
  name: string
  alias: string
  columns: readonly SourceColumn[]
}

export interface Scope {
  sources: readonly Source[]
  /** The query around a subquery. */
  parent?: Scope | undefined
}

/** What may stand in a clause. */
export interface Place {
  scope: Scope
  /** For errors: `where`. */
  clause: string
  /** Aggregates of this select are collected here; undefined where none may stand. */
  aggregates: Set<Expr> | undefined
  windows: boolean
  /** Inside the argument of an aggregate. */
  inAggregate?: boolean
}
