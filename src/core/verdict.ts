/** SQL's three truth values are the three verdicts: TRUE passes, FALSE fails, NULL is unknown. */
export type Verdict = 'pass' | 'fail' | 'unknown'

/**
 * One character of a verdict string (language.md §3.4). Position 1 of the string is the resource's
 * exposure (`x` public, `o` private, `?` not known), positions 2… are the rule slots of the table.
 */
export const verdictCharacters = {
  pass: 'p',
  fail: 'f',
  unknown: 'u',
  /** `applies` is FALSE, or another account owns the resource: no finding. */
  not_applicable: '-',
  /** The rule of this slot is switched off or retired, or the slot is not yet used: no finding. */
  none: '.',
} as const
