import type { TableShape } from '../../core/table-shape.ts'
import { verdictCharacters } from '../../core/verdict.ts'
import type { Expr } from '../../db/sql/ast.ts'
import { all, binary, call, choose, column, textValue, when } from '../../db/sql/build.ts'
import { bindCondition } from './bind-term.ts'
import type { CheckedCondition } from './check-condition.ts'
import type { PassRule } from './compile-table-pass.ts'
import { type Outcomes, printSubquery } from './print-subquery.ts'
import type { RowCompiler } from './row-compiler.ts'
import type { Term } from './term.ts'

const { pass, fail, unknown, not_applicable, none } = verdictCharacters

/** The verdict of one slot: of a row that its cell vouches for, of one that nobody does, of another account's. */
interface Slot {
  listed: Expr
  unlisted: Expr
  foreign: Expr
}

export interface VerdictString {
  verdicts: Expr
  /** Each slot alone. */
  characters: Expr[]
}

/**
 * What every slot asks of the row (whose is it, is it listed) is asked once, around the whole string.
 */
export function verdictString(
  rules: readonly PassRule[],
  slots: number,
  row: RowCompiler,
  now: Date,
): VerdictString {
  const each: Slot[] = Array.from({ length: slots }, () => always(none))
  for (const rule of rules) each[rule.slot - 1] = slotOf(rule, row, now)
  const byRow = ({ listed, unlisted, foreign }: Slot): Expr => ({
    kind: 'case',
    whens: [
      {
        when: binary('<>', column(row.alias, 'owner_account_id'), column(row.alias, 'account_id')),
        result: foreign,
      },
      { when: column(row.alias, '_listed'), result: listed },
    ],
    otherwise: unlisted,
  })
  const whole = [exposureOf(row.table, row), ...each]
  const joined = (kind: keyof Slot) => call('joined', ...merged(whole.map((slot) => slot[kind])))
  return {
    verdicts: byRow({ listed: joined('listed'), unlisted: joined('unlisted'), foreign: joined('foreign') }),
    characters: each.map(byRow),
  }
}

function always(character: string): Slot {
  const value = textValue(character)
  return { listed: value, unlisted: value, foreign: value }
}

function slotOf(rule: PassRule, row: RowCompiler, now: Date): Slot {
  if (rule.broken === true) return always(unknown)
  const bound = (condition: CheckedCondition) => bindCondition(condition, rule.params ?? {}, now)
  const verdict = decide(bound(rule.pass), row, {
    yes: textValue(pass),
    no: textValue(fail),
    unknown: textValue(unknown),
  })
  const scope = [
    ...(rule.applies === undefined ? [] : [row.print(bound(rule.applies))]),
    ...(rule.only === undefined ? [] : [row.print(bound(rule.only))]),
    ...(rule.never === undefined ? [] : [{ kind: 'not', operand: row.print(bound(rule.never)) } as const]),
  ]
  const within = (one: Expr) =>
    scope.length === 0 ? one : choose(all(scope), one, textValue(not_applicable), textValue(unknown))
  const [listed, unlisted] = [within(verdict), within(textValue(unknown))]
  const foreign =
    rule.foreign === true ? when(column(row.alias, '_listed'), listed, unlisted) : textValue(not_applicable)
  return { listed, unlisted, foreign }
}

/** A term's three outcomes, without running it twice where that is not needed. */
function decide(term: Term, row: RowCompiler, outcomes: Outcomes): Expr {
  if (term.kind === 'not') {
    const { yes, no, unknown } = outcomes
    return decide(term.operand, row, { yes: no, no: yes, unknown })
  }
  if (term.kind === 'subquery' && term.form === 'exists') return printSubquery(term, row, outcomes)
  return choose(row.print(term), outcomes.yes, outcomes.no, outcomes.unknown)
}

export const exposures = { open: 'x', closed: 'o', hidden: '?' } as const

/** The fact that says whether a resource is public, and so how severe its findings are. */
export const exposureColumn = 'is_public'

/** Of a resource of which nothing was read: it may be public where resources of its table can be. */
export function exposureUnread(table: TableShape): string {
  return exposureFact(table) === undefined ? exposures.closed : exposures.hidden
}

function exposureFact({ columns }: TableShape): TableShape['columns'][number] | undefined {
  return columns.find(({ name, type }) => name === exposureColumn && type === 'boolean')
}

function exposureOf(table: TableShape, row: RowCompiler): Slot {
  const fact = exposureFact(table)
  if (fact === undefined) return always(exposures.closed)
  const { open, closed, hidden } = {
    open: textValue(exposures.open),
    closed: textValue(exposures.closed),
    hidden: textValue(exposures.hidden),
  }
  const listed = choose(column(row.alias, fact.name), open, closed, hidden)
  return { listed, unlisted: hidden, foreign: when(column(row.alias, '_listed'), listed, hidden) }
}

/** Constants side by side are one constant. */
function merged(parts: readonly Expr[]): Expr[] {
  const result: Expr[] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (part.kind === 'text' && last?.kind === 'text')
      result[result.length - 1] = textValue(last.value + part.value)
    else result.push(part)
  }
  return result
}
