import { explain, namesEveryone } from './admissions.ts'
import { allowsAnyRole, allowsPrivilegeEscalation } from './escalation.ts'
import { admitsEveryone, type JudgedStatement, judgePolicy } from './judge-policy.ts'
import type { Condition } from './parse-condition.ts'
import { type Glob, matches, toCodes, toLowerCase } from './pattern.ts'
import type { Policy, PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'
import { allowsAllActions, allowsAllResources, isAdmin, servicesAllowedWhole } from './privilege.ts'
import { isInsecureTransportDeny } from './secure-transport.ts'

/** One statement as a row of a child table: no value is ever missing. The columns: `statement-columns.ts`. */
export interface PolicyStatementRow {
  readonly nr: number
  readonly sid: string
  readonly effect: string
  readonly is_allow: boolean
  readonly principals_text: string
  readonly actions_text: string
  readonly resources_text: string
  readonly conditions_text: string
  readonly has_not_principal: boolean
  readonly has_not_action: boolean
  readonly has_not_resource: boolean
  readonly has_conditions: boolean
  readonly names_everyone: boolean
  readonly names_deleted_principal: boolean
  readonly names_web_identity: boolean
  readonly is_narrowed: boolean
  readonly is_taken_back: boolean
  readonly admits_everyone: boolean
  readonly admits_anonymous: boolean
  readonly admits_all_aws_users: boolean
  readonly admits_unknown_accounts: boolean
  readonly admits_other_accounts: boolean
  readonly other_account_ids: string
  readonly admits_service_for_anyone: boolean
  readonly admits_any_federated_user: boolean
  readonly admits_any_web_identity: boolean
  readonly public_because: string
  readonly requires_external_id: boolean
  readonly requires_mfa: boolean
  readonly denies_insecure_transport: boolean
  readonly has_wildcard_action: boolean
  readonly allows_all_actions: boolean
  readonly allows_all_resources: boolean
  readonly services_allowed_whole: string
  readonly is_admin: boolean
  readonly allows_privilege_escalation: boolean
  readonly allows_assuming_any_role: boolean
}

export function toStatementRows(policy: Policy): PolicyStatementRow[] {
  const { prepared, statements } = judgePolicy(policy)
  return statements.map((one) => toRow(prepared, one))
}

function toRow(prepared: PreparedPolicy, { statement, admissions }: JudgedStatement): PolicyStatementRow {
  const isAllow = statement.effect === 'Allow'
  const isOpen = admitsEveryone(admissions)
  const unknown = isOpen || admissions.unknownAccounts
  return {
    nr: statement.nr,
    sid: statement.sid,
    effect: statement.effect,
    is_allow: isAllow,
    principals_text: statement.principals.map((principal) => principal.text).join(', '),
    actions_text: statement.actions.map((glob) => glob.text).join(', '),
    resources_text: statement.resources.map((glob) => glob.text).join(', '),
    conditions_text: statement.conditions.map(toText).join('; '),
    has_not_principal: statement.isNotPrincipal,
    has_not_action: statement.isNotAction,
    has_not_resource: statement.isNotResource,
    has_conditions: statement.conditions.length > 0,
    names_everyone: statement.hasPrincipal && namesEveryone(statement),
    names_deleted_principal: statement.principals.some((principal) => principal.kind === 'deleted'),
    names_web_identity: namesWebIdentity(statement),
    is_narrowed: admissions.isNarrowed,
    is_taken_back: admissions.isTakenBack,
    admits_everyone: isOpen,
    admits_anonymous: admissions.anonymous,
    admits_all_aws_users: admissions.awsUsers,
    admits_unknown_accounts: unknown,
    admits_other_accounts: unknown || admissions.otherAccounts.length > 0,
    other_account_ids: admissions.otherAccounts.join(', '),
    admits_service_for_anyone: admissions.serviceForAnyone,
    admits_any_federated_user: admissions.federatedUsers,
    admits_any_web_identity: admissions.webIdentities,
    public_because: isOpen ? explain(statement, admissions) : '',
    requires_external_id:
      isAllow &&
      (statement.conditions.some(isExternalId) ||
        prepared.denies.some((deny) => deniesWithoutExternalId(deny, statement))),
    requires_mfa: isAllow && statement.conditions.some(isMfa),
    denies_insecure_transport: isInsecureTransportDeny(prepared, statement),
    has_wildcard_action: statement.actions.some((glob) => /[*?]/.test(glob.text)),
    allows_all_actions: allowsAllActions(prepared, statement),
    allows_all_resources: allowsAllResources(prepared, statement),
    services_allowed_whole: servicesAllowedWhole(statement),
    is_admin: isAdmin(prepared, statement),
    allows_privilege_escalation: allowsPrivilegeEscalation(prepared, [statement]),
    allows_assuming_any_role: allowsAnyRole(prepared, statement),
  }
}

function namesWebIdentity({ isNotPrincipal, principals }: PolicyStatement): boolean {
  if (isNotPrincipal) return false
  return principals.some((principal) => principal.kind === 'federated' && principal.provider !== 'saml')
}

function toText(condition: Condition): string {
  const values = condition.values.map((value) => value.text).join(', ')
  return `${condition.operator} ${condition.keyText} ${condition.values.length === 1 ? values : `[${values}]`}`
}

/** A fixed external id that must be sent along; a variable is the caller's own, who has it whatever it is. */
function isExternalId(condition: Condition): boolean {
  return (
    isOfExternalId(condition) && !condition.isNegated && !condition.ifExists && condition.quantifier !== 'all'
  )
}

/** A Deny for all whom the Allow names and who do not send it along: who sends none does not, either. */
function deniesWithoutExternalId(deny: PolicyStatement, allow: PolicyStatement): boolean {
  const [condition, ...others] = deny.conditions
  if (condition === undefined || others.length > 0 || deny.isNotPrincipal || deny.isNotAction) return false
  const named = new Set(deny.principals.map(({ text }) => text))
  const isForAll = named.has('*') || allow.principals.every(({ text }) => named.has(text))
  const isOfTaking = deny.actions.some((glob) => matches(toLowerCase(glob.tokens), toCodes('sts:assumerole')))
  return (
    isForAll &&
    isOfTaking &&
    isOfExternalId(condition) &&
    condition.isNegated &&
    condition.quantifier !== 'any'
  )
}

function isOfExternalId({ key, family, values }: Condition): boolean {
  const isFixed = (value: Glob): boolean => value.variables.length === 0 && !/[*?]/.test(value.text)
  return key === 'sts:externalid' && family === 'string' && values.length > 0 && values.every(isFixed)
}

/** MFA must have been used; `BoolIfExists` lets long-term access keys in without it. */
function isMfa(condition: Condition): boolean {
  if (condition.ifExists || condition.quantifier === 'all' || condition.isNegated) return false
  if (condition.key === 'aws:multifactorauthage') {
    return condition.family === 'numeric' && condition.comparison.startsWith('lessthan')
  }
  if (condition.key !== 'aws:multifactorauthpresent' || condition.values.length === 0) return false
  const isComparison = condition.family === 'bool' || condition.family === 'string'
  return isComparison && condition.values.every((value) => value.text.toLowerCase() === 'true')
}
