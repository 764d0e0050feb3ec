import { type Admissions, admit } from './admissions.ts'
import type { Policy, PolicyStatement } from './policy.ts'
import { PreparedPolicy } from './prepared-policy.ts'

export interface JudgedStatement {
  readonly statement: PolicyStatement
  readonly admissions: Admissions
}

export interface JudgedPolicy {
  readonly prepared: PreparedPolicy
  readonly statements: readonly JudgedStatement[]
}

const judged = new WeakMap<Policy, JudgedPolicy>()

/** The one judgement that the rows of a document and the meaning of the whole are made of. */
export function judgePolicy(policy: Policy): JudgedPolicy {
  const known = judged.get(policy)
  if (known !== undefined) return known
  const prepared = new PreparedPolicy(policy)
  const statements = policy.statements.map((statement) => ({
    statement,
    admissions: admit(prepared, statement),
  }))
  const found = { prepared, statements }
  judged.set(policy, found)
  return found
}

/** Public: a stranger gets in, directly, by way of a service, or from a provider where anybody can sign in. */
export function admitsEveryone(admissions: Admissions): boolean {
  const { anonymous, awsUsers, throughServices, sharedFederation } = admissions
  return anonymous || awsUsers || throughServices || sharedFederation
}
