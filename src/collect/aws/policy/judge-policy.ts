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

/** Rows and meaning of a document are asked for one after the other. */
let last: { readonly policy: Policy; readonly found: JudgedPolicy } | undefined

/** The one judgement that the rows of a document and the meaning of the whole are made of. */
export function judgePolicy(policy: Policy): JudgedPolicy {
  if (last?.policy === policy) return last.found
  const prepared = new PreparedPolicy(policy)
  const statements = policy.statements.map((statement) => ({
    statement,
    admissions: admit(prepared, statement),
  }))
  const found = { prepared, statements }
  last = { policy, found }
  return found
}

/** Public: a stranger gets in, directly, by way of a service, or from a provider where anybody can sign in. */
export function admitsEveryone(admissions: Admissions): boolean {
  const { anonymous, awsUsers, throughServices, sharedFederation } = admissions
  return anonymous || awsUsers || throughServices || sharedFederation
}
