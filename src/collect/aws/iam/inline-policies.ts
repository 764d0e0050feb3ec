import type { PolicyDetail } from '@aws-sdk/client-iam'
import type { FoundDocument } from '../policy-tables.ts'

/** The inline policies of a user or role; documents URL-encoded, as IAM sends them. */
export interface InlinePolicies {
  Policies: PolicyDetail[]
}

export function inlineContent(policies: PolicyDetail[] | undefined): InlinePolicies {
  return { Policies: policies ?? [] }
}

export function namesOf(policies: PolicyDetail[] | undefined): string[] {
  return (policies ?? []).map((policy) => policy.PolicyName ?? '')
}

export function inlineDocuments({ Policies }: InlinePolicies): FoundDocument[] {
  return Policies.map((policy) => ({ document: policy.PolicyDocument ?? '', label: policy.PolicyName ?? '' }))
}
