import type { LakeType } from '../../core/table-shape.ts'
import type { Term } from './term.ts'

interface FunctionShape {
  args: LakeType[]
  result: LakeType
  /** Positions that must be constants, with what makes them good. */
  fixed?: Record<number, { good: (value: unknown) => boolean; what: string }>
  /** For the guide. */
  does: string
}

const notEmpty = {
  good: (value: unknown) => typeof value === 'string' && value !== '',
  what: "a text that is not ''",
}
const text = { good: (value: unknown) => typeof value === 'string', what: 'a text' }
const position = {
  good: (value: unknown) => typeof value === 'bigint' && value >= 1n && value <= 1000n,
  what: 'a number from 1 to 1000',
}

/** Strict (NULL gives NULL), never raising, equal on every engine: held by conformance.test.ts. */
export const conditionFunctions: Readonly<Record<string, FunctionShape>> = {
  lower: { args: ['text'], result: 'text', does: 'small letters for A to Z; others stay' },
  upper: { args: ['text'], result: 'text', does: 'capital letters for a to z; others stay' },
  length: { args: ['text'], result: 'bigint', does: 'number of characters (Unicode code points)' },
  starts_with: {
    args: ['text', 'text'],
    result: 'boolean',
    does: 'whether the first begins with the second',
  },
  ends_with: { args: ['text', 'text'], result: 'boolean', does: 'whether the first ends with the second' },
  abs: { args: ['bigint'], result: 'bigint', does: 'the number without its sign' },
  split_part: {
    args: ['text', 'text', 'bigint'],
    result: 'text',
    fixed: { 1: notEmpty, 2: position },
    does: "the n-th piece between separators, '' where there are fewer",
  },
  replace: {
    args: ['text', 'text', 'text'],
    result: 'text',
    fixed: { 1: notEmpty, 2: text },
    does: 'the text with each occurrence of the second replaced by the third',
  },
}

/** What is wrong with a constant argument, if anything. */
export function fixedArgumentProblem(
  name: string,
  args: readonly Term[],
): { index: number; what: string } | undefined {
  for (const [index, { good, what }] of Object.entries(conditionFunctions[name]?.fixed ?? {})) {
    const arg = args[Number(index)]
    if (arg?.kind !== 'constant' || !good(arg.value)) return { index: Number(index), what }
  }
  return undefined
}
