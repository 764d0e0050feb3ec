import type { Condition } from './parse-condition.ts'
import type { Principal } from './parse-principal.ts'
import type { Glob } from './pattern.ts'

/** Where a document was found. Without `resourceArn` it is judged for any resource. */
export interface PolicyContext {
  readonly accountId: string
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string
  /** The ARN of the resource that the document is attached to: `arn:aws:s3:::shop-images`, a role's ARN, … */
  readonly resourceArn?: string
  /**
   * Of a document of an identity: the ARN of the user, group or role whose inline policy it is, or of the managed policy
   * itself. Without it nobody is known to hold it.
   */
  readonly belongsTo?: string
}

/** One statement, with single values made lists and every string that may hold wildcards made a pattern. */
export interface PolicyStatement {
  /** Its place in the document, from 1. */
  readonly nr: number
  readonly sid: string
  readonly effect: 'Allow' | 'Deny'
  /** FALSE in documents of an identity: whoever they are attached to is the principal. */
  readonly hasPrincipal: boolean
  readonly isNotPrincipal: boolean
  readonly principals: readonly Principal[]
  readonly isNotAction: boolean
  readonly actions: readonly Glob[]
  readonly isNotResource: boolean
  /** Where the document names none (role trust, ECR), `*`: the resource it is attached to. */
  readonly resources: readonly Glob[]
  readonly conditions: readonly Condition[]
}

export interface Policy {
  readonly context: PolicyContext
  /** `2012-10-17`, `2008-10-17`, or '' where the document names none. */
  readonly version: string
  readonly statements: readonly PolicyStatement[]
}

/**
 * Why a document could not be read. AWS refuses to store any of them, so who meets one should treat the read
 * as failed (state `error`) and not guess what the document means.
 */
const policyProblems = ['not_json', 'too_large', 'too_deep', 'duplicate_keys', 'malformed'] as const
export type PolicyProblem = (typeof policyProblems)[number]

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problem: PolicyProblem; readonly message: string }
