import type { PolicyStatementRow } from './statement-rows.ts'

/** What a child table of statements is made of: one entry a column, in the order in which they are shown. */
export interface StatementColumn {
  readonly name: keyof PolicyStatementRow
  readonly type: 'text' | 'boolean' | 'bigint'
  readonly title: string
}

function text(name: keyof PolicyStatementRow, title: string): StatementColumn {
  return { name, type: 'text', title }
}
function boolean(name: keyof PolicyStatementRow, title: string): StatementColumn {
  return { name, type: 'boolean', title }
}

export const statementColumns: readonly StatementColumn[] = [
  { name: 'nr', type: 'bigint', title: 'Place of the statement in its document, from 1' },
  text('sid', 'The statement’s own name, empty if it has none'),
  text('effect', 'Allow or Deny'),
  boolean('is_allow', 'The statement is an Allow'),
  text(
    'principals_text',
    'Whom it names: `*`, `AWS:arn:…`, `Service:…`, `Federated:…`; empty in an identity’s document',
  ),
  text('actions_text', 'The actions it names'),
  text('resources_text', 'The resources it names; `*` where the document names none'),
  text('conditions_text', 'Its conditions, joined by AND'),
  boolean('has_not_principal', 'It names whom it is not for'),
  boolean('has_not_action', 'It names the actions that it is not about'),
  boolean('has_not_resource', 'It names the resources that it is not about'),
  boolean('has_conditions', 'It has conditions'),
  boolean('names_everyone', 'As written, conditions apart, it is for everyone'),
  boolean('names_deleted_principal', 'It names a user or role that was deleted'),
  boolean('names_web_identity', 'It names an identity provider that is no SAML provider'),
  boolean('is_narrowed', 'As written it is for everyone, and its own conditions keep strangers out'),
  boolean('is_taken_back', 'Strangers would get in, did not Deny statements of the document keep them out'),
  boolean(
    'admits_everyone',
    'Public: strangers get in, after its conditions and the document’s Deny statements',
  ),
  boolean('admits_anonymous', '… without credentials'),
  boolean('admits_all_aws_users', '… with an AWS account of their own'),
  boolean(
    'admits_unknown_accounts',
    'Accounts that it does not name get in: by organization, network, or all of them',
  ),
  boolean('admits_other_accounts', 'Any account but the owner’s gets in'),
  text('other_account_ids', 'The accounts that it names, the owner’s apart, and that get in'),
  boolean(
    'admits_service_for_anyone',
    'A service that it names gets in for whomever it acts: no source is required',
  ),
  boolean('admits_any_federated_user', 'All who can sign in at a provider get in: no subject is required'),
  boolean('admits_any_web_identity', '… at one that is no SAML provider'),
  text('public_because', 'Who gets in, in a sentence; empty if it is not public'),
  boolean(
    'requires_external_id',
    'An Allow that requires a fixed external id, by its own condition or because a Deny asks for it',
  ),
  boolean('requires_mfa', 'An Allow that requires multi-factor authentication'),
  boolean('denies_insecure_transport', 'A Deny of all that comes over plain HTTP, for what it names'),
  boolean('has_wildcard_action', 'An action has a wildcard'),
  boolean('allows_all_actions', 'An Allow of every action, as written'),
  boolean('allows_all_resources', 'An Allow on every resource, as written'),
  text('services_allowed_whole', 'Services of which every action is allowed, between commas: `,kms,s3,`'),
  boolean(
    'is_admin',
    'Of an identity: everything on everything, with conditions that most requests meet or without',
  ),
  boolean('allows_privilege_escalation', 'Of an identity: gives the right to take every right'),
  boolean('allows_assuming_any_role', 'Of an identity: `sts:AssumeRole` on every role'),
]
