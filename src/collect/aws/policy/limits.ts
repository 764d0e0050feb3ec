/**
 * What one document may cost. AWS's own largest resource policy is 100 KB (OpenSearch), its largest IAM
 * document 10,240 characters; whatever is beyond these figures was not written by AWS.
 */
export const limits = {
  characters: 262_144,
  depth: 32,
  statements: 2_000,
  /** Strings in all lists of a document together. */
  values: 20_000,
  /** Characters of one of them; an ARN has at most 2,048. */
  valueCharacters: 4_096,
  /** Distinct address ranges that are cut into cells; beyond, an address condition narrows nobody. */
  addressRanges: 500,
  /** Values of one condition key that are tried one by one; beyond, the key counts as freely chosen. */
  candidates: 64,
  /** Steps of the search through the Deny statements of one document; beyond, an Allow stays as it is. */
  steps: 400_000,
} as const

/** A purse of steps that all searches of one document share. */
export interface Budget {
  left: number
}

export function newBudget(): Budget {
  return { left: limits.steps }
}

/** What matching one pattern against another may cost: nothing to speak of, unless both are very long. */
export function matchCost(left: number, right: number): number {
  return 1 + ((left * right) >> 8)
}

/** Takes `cost` steps; false when the purse is empty: the caller then answers on the public side. */
export function spend(budget: Budget, cost: number): boolean {
  budget.left -= cost
  return budget.left > 0
}
