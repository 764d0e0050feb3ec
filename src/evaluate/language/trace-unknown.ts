import { type Catalogue, derivedGroup, listGroup } from '../../core/table-shape.ts'
import { evaluateTerm, type TermEnvironment, type TermValue } from './evaluate-term.ts'
import type { ExaminedRow, ExaminedSubquery } from './examine-rows.ts'
import { canonical, children, isColumn, regionOf, type Subquery, type Term } from './term.ts'

/** Why a term is NULL: a column of a row, or a part of a table that was not read. */
export type Cause =
  | { kind: 'column'; row: ExaminedRow; column: string; group: string }
  | { kind: 'part'; sub: Subquery; around: ExaminedRow; account: string; region?: string; parentKey?: string }

/** Only what the NULL follows from: `false and x` does not ask about x. */
export function traceUnknown(term: Term, row: ExaminedRow, catalogue: Catalogue): Cause[] {
  const env = environmentOf(row)
  const value = (one: Term) => evaluateTerm(one, env)
  if (value(term) !== null) return []
  const further = (terms: readonly Term[]) => terms.flatMap((one) => traceUnknown(one, row, catalogue))
  switch (term.kind) {
    case 'column':
      return [{ kind: 'column', row, column: term.name, group: groupOf(row.table, term.name, catalogue) }]
    case 'case':
      for (const one of term.whens) {
        const when = value(one.when)
        if (when === null) return further([one.when])
        if (when === true) return further([one.result])
      }
      return further([term.otherwise])
    case 'subquery':
      return traceSubquery(term, row, env, catalogue)
    default:
      return further(children(term))
  }
}

function traceSubquery(sub: Subquery, row: ExaminedRow, env: TermEnvironment, catalogue: Catalogue): Cause[] {
  const examined = row.subqueries.get(canonical(sub))
  if (examined === undefined) return []
  const causes: Cause[] = []
  const outer = [...(sub.account === undefined ? [] : [sub.account]), ...sub.keys.map((key) => key.outer)]
  for (const term of outer) causes.push(...traceUnknown(term, row, catalogue))
  if (causes.length === 0 && !examined.read) causes.push(unreadPart(sub, row, env))
  for (const { row: witness, holds } of examined.witnesses) {
    if (holds === null) {
      for (const key of sub.keys) causes.push(...traceUnknown(key.inner, witness, catalogue))
      causes.push(...traceUnknown(sub.where, witness, catalogue))
    } else if (sub.argument !== undefined) {
      causes.push(...traceUnknown(sub.argument, witness, catalogue))
    }
  }
  if (sub.orElse !== undefined && causes.length === 0)
    causes.push(...traceUnknown(sub.orElse, row, catalogue))
  return causes
}

function unreadPart(sub: Subquery, around: ExaminedRow, env: TermEnvironment): Cause {
  const text = (term: Term | undefined) => {
    const value = term === undefined ? null : evaluateTerm(term, env)
    return typeof value === 'string' ? value : undefined
  }
  const region = text(regionOf(sub))
  const parentKey = text(sub.keys.find(({ inner }) => isColumn(inner, 'resource_key'))?.outer)
  return {
    kind: 'part',
    sub,
    around,
    account: sub.account === undefined ? around.account_id : (text(sub.account) ?? ''),
    ...(region === undefined ? {} : { region }),
    ...(parentKey === undefined ? {} : { parentKey }),
  }
}

function environmentOf(row: ExaminedRow): TermEnvironment {
  return {
    column: ({ name }): TermValue => row.columns.get(name) ?? null,
    subquery: (sub): TermValue =>
      (row.subqueries.get(canonical(sub)) as ExaminedSubquery | undefined)?.value ?? null,
  }
}

function groupOf(table: string, name: string, catalogue: Catalogue): string {
  return catalogue.get(table)?.columns.find((one) => one.name === name)?.group ?? listGroup
}

export function isFact(group: string): boolean {
  return group === derivedGroup
}
