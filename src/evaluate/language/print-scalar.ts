import type { Expr } from '../../db/sql/ast.ts'
import { all, any, binary, call, choose, no, none, textValue } from '../../db/sql/build.ts'
import { isWide } from './magnitude.ts'
import type { Constant, Subquery, Term } from './term.ts'
import { printMoment } from './times.ts'

export interface TermPrinter {
  column(name: string): Expr
  subquery(sub: Subquery): Expr
}

/** A bound term as SQL over one row. Subqueries and columns are the caller's. */
export function printTerm(term: Term, printer: TermPrinter): Expr {
  const print = (one: Term) => printTerm(one, printer)
  switch (term.kind) {
    case 'constant':
      return printConstant(term)
    case 'column':
      return printer.column(term.name)
    case 'and':
      return all(term.operands.map(print))
    case 'or':
      return any(term.operands.map(print))
    case 'not':
      return { kind: 'not', operand: print(term.operand) }
    case 'compare': {
      const ordered = term.left.type === 'text' && term.op !== '=' && term.op !== '<>'
      const left = print(term.left)
      return binary(term.op, ordered ? { kind: 'bytewise', operand: left } : left, print(term.right))
    }
    case 'in':
      // An empty list parameter: nothing is in it, whatever the operand is.
      if (term.items.length === 0) return no
      return { kind: 'in_list', negated: false, operand: print(term.operand), items: term.items.map(print) }
    case 'like':
      return {
        kind: 'like',
        negated: false,
        ignoreCase: false,
        operand: print(term.operand),
        pattern: print(term.pattern),
      }
    case 'arithmetic':
      return binary(term.op, wide(term.left, print), wide(term.right, print))
    case 'call':
      return printCall(term, print)
    case 'to_double':
      return { kind: 'cast', operand: print(term.operand), type: 'double' }
    case 'case':
      // A condition that is NULL decides nothing: not even for the ELSE.
      return term.whens.reduceRight<Expr>(
        (rest, one) => choose(print(one.when), print(one.result), rest, none),
        print(term.otherwise),
      )
    case 'subquery':
      return printer.subquery(term)
    case 'param':
    case 'time':
      throw new TypeError('a parameter or now() was not bound')
  }
}

function wide(term: Term, print: (term: Term) => Expr): Expr {
  return isWide(term) ? print(term) : { kind: 'cast', operand: print(term), type: 'wide' }
}

function printCall(term: Term & { kind: 'call' }, print: (term: Term) => Expr): Expr {
  const [first, second, third] = term.args
  if (term.name === 'abs' && first !== undefined) return call('abs', wide(first, print))
  if (term.name === 'split_part' && third?.kind === 'constant') {
    return call('split_part', print(first!), print(second!), { kind: 'number', text: String(third.value) })
  }
  return call(term.name, ...term.args.map(print))
}

function printConstant(term: Constant): Expr {
  switch (term.type) {
    case 'text':
      return textValue(term.value)
    case 'boolean':
      return { kind: 'boolean', value: term.value }
    case 'bigint':
    case 'double':
      return { kind: 'typed', type: term.type, value: String(term.value) }
    case 'timestamptz':
      return { kind: 'typed', type: 'timestamptz', value: printMoment(term.value) }
  }
}
