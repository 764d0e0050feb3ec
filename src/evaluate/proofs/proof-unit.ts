import type { CheckedCondition } from '../language/check-condition.ts'
import type { ParamValues } from '../language/params.ts'
import type { Proof } from '../rule.ts'
import type { ReadyFact, ReadyRule } from '../rule-set.ts'

/** What is proven: a rule's verdict, or a fact's value as one (TRUE passes). */
export interface ProofUnit {
  id: string
  table: string
  pass: CheckedCondition
  applies?: CheckedCondition
  params: ParamValues
  proofs: { expected: 'p' | 'f' | '-'; proof: Proof }[]
}

export interface Failing {
  unit: string
  /** Which of the four proofs it fails. */
  kind: 'written' | 'adequate' | 'sound' | 'live'
  message: string
}

export function unitOfRule({ rule, pass, applies, params }: ReadyRule): ProofUnit {
  const of = (expected: 'p' | 'f' | '-', proofs: readonly Proof[]) =>
    proofs.map((proof) => ({ expected, proof }))
  return {
    id: rule.id,
    table: rule.resource,
    pass,
    params,
    ...(applies === undefined ? {} : { applies }),
    proofs: [
      ...of('p', rule.proofs.pass),
      ...of('f', rule.proofs.fail),
      ...of('-', rule.proofs.not_applicable),
    ],
  }
}

export function unitOfFact({ fact, when, params }: ReadyFact): ProofUnit {
  const of = (expected: 'p' | 'f', proofs: readonly Proof[]) => proofs.map((proof) => ({ expected, proof }))
  return {
    id: `${fact.table}.${fact.column}`,
    table: fact.table,
    pass: when,
    params,
    proofs: [...of('p', fact.proofs.true), ...of('f', fact.proofs.false)],
  }
}
