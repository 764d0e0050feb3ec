import type { Expr } from '../../db/sql/ast.ts'

/** What a condition cannot say, and what to write instead. */
export function notAllowed(expr: Expr): { what: string; next: string } {
  switch (expr.kind) {
    case 'null':
      return {
        what: 'NULL cannot be written',
        next: 'NULL means "not read" here: compare with the absence value, or with a has_… column.',
      }
    case 'is':
      return expr.test === 'null'
        ? {
            what: '"is null" cannot be written',
            next: "NULL means \"not read\" here: compare with the absence value ('', 0, timestamptz '0001-01-01 00:00:00+00'), or use a has_… column.",
          }
        : {
            what: `"is ${expr.test}" cannot be written`,
            next: 'Write the condition itself, or not (…): what is not read then stays unknown.',
          }
    case 'distinct':
      return { what: '"is distinct from" cannot be written', next: 'Write = or <>.' }
    case 'cast':
      return {
        what: 'A cast cannot be written',
        next: 'Compare values of one type; whole numbers and doubles may be compared as they are.',
      }
    case 'typed':
      return {
        what: `A constant of type ${expr.type} cannot be written here`,
        next: "Write 'text', 5, 0.5, true, or timestamptz '2026-01-31 00:00:00+00'.",
      }
    case 'bytewise':
      return {
        what: '"collate" cannot be written',
        next: 'Leave it out: text is always ordered by its bytes.',
      }
    case 'minus':
      return { what: 'A minus before an expression cannot be written', next: 'Write 0 - x.' }
    case 'star':
      return { what: '* cannot be written here', next: 'Name a column.' }
    case 'scalar':
      return {
        what: 'This subquery cannot stand here',
        next: 'Write exists (select 1 from …), x in (select y from …), (select count(*) from …) or coalesce((select max(x) from …), default).',
      }
    case 'call':
      return notAllowedCall(expr.name)
    case 'binary':
      return notAllowedOperator(expr.op)
    case 'case':
      return { what: 'This form of case cannot be written', next: 'Write case when … then … else … end.' }
    default:
      return {
        what: `This (${expr.kind}) cannot be written`,
        next: 'See docs/guide/rule-language.md for what can be written.',
      }
  }
}

function notAllowedCall(name: string): { what: string; next: string } {
  const hints: Record<string, string> = {
    coalesce:
      'It stands only around an aggregate: coalesce((select max(x) from …), default). NULL means "not read": write the plain comparison.',
    greatest: 'Write case when … then … else … end.',
    least: 'Write case when … then … else … end.',
    nullif: 'Write case when … then … else … end.',
    substr: 'Use split_part, starts_with, ends_with or like.',
    substring: 'Use split_part, starts_with, ends_with or like.',
    char_length: 'Use length.',
    position: "Use like '%…%'.",
    strpos: "Use like '%…%'.",
    date_part: "Compare times with now() - interval '90 days'.",
    extract: "Compare times with now() - interval '90 days'.",
    age: "Compare times with now() - interval '90 days'.",
    date_trunc: "Compare times with now() - interval '90 days'.",
    count: 'It stands in a subquery: (select count(*) from …).',
    max: 'It stands in a subquery: coalesce((select max(x) from …), default).',
    min: 'It stands in a subquery: coalesce((select min(x) from …), default).',
    sum: 'It stands in a subquery: coalesce((select sum(x) from …), 0).',
    current_timestamp: 'Write now().',
  }
  const known =
    'The functions are lower, upper, length, starts_with, ends_with, abs, split_part, replace and now().'
  return {
    what: `The function ${name} cannot be used here`,
    next: (Object.hasOwn(hints, name) ? hints[name] : undefined) ?? known,
  }
}

function notAllowedOperator(op: string): { what: string; next: string } {
  const hints: Record<string, string> = {
    '/': 'Multiply the other side: instead of a / 2 > b write a > b * 2.',
    '%': 'Whole-number remainders are not offered: the lake should have a column for it.',
    '||': 'Compare the parts one by one, or use starts_with, ends_with and like.',
  }
  return {
    what: `The operator ${op} cannot be used here`,
    next: hints[op] ?? 'Use = <> < <= > >= + - * and like.',
  }
}
