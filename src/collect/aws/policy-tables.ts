import type { LakeType } from '../../core/table-shape.ts'
import { type Column, flag, type Place, text } from '../../lake/columns.ts'
import { type Child, child } from '../../lake/define-table.ts'
import type { Stored } from '../../lake/stored.ts'
import { describePolicy, type PolicyMeaning } from './policy/describe-policy.ts'
import { parsePolicy } from './policy/parse-policy.ts'
import type { Policy } from './policy/policy.ts'
import { statementColumns } from './policy/statement-columns.ts'
import { toStatementRows } from './policy/statement-rows.ts'

/** A document within a group's content, and what it is attached to. */
export interface FoundDocument {
  document: string
  resourceArn?: string
  /** Of an identity's: the ARN of the user, group or role that it is part of, or of the managed policy itself. */
  belongsTo?: string
  /** Which of several it is: the name of an inline policy. */
  label?: string
}

/**
 * The parsed document. One that is no policy throws, and the group is `error`: AWS stores none such, so it was not
 * read right, and guessing what it means would be a verdict.
 */
function readDocument({ document, resourceArn, belongsTo }: FoundDocument, place: Place): Policy {
  const read = parsePolicy(document, {
    accountId: place.account_id,
    partition: place.partition,
    ...(resourceArn === undefined ? {} : { resourceArn }),
    ...(belongsTo === undefined ? {} : { belongsTo }),
  })
  if (!read.ok) throw new Error(read.message)
  return read.policy
}

/** The child table of a policy's statements; the same columns wherever a policy stands. */
export function statementChild<T>(declared: {
  title: string
  group: string
  documents: (content: Stored<T>, place: Place) => readonly FoundDocument[]
}): Child<{ list: unknown }> {
  const columns: Record<string, LakeType> = { policy_name: 'text', statement_nr: 'bigint' }
  const titles: Record<string, string> = { policy_name: 'The name of the inline policy; empty elsewhere' }
  for (const { name, type, title } of statementColumns) {
    if (name !== 'nr') columns[name] = type
    titles[name === 'nr' ? 'statement_nr' : name] = title
  }
  return child<T, Record<string, LakeType>>({
    title: declared.title,
    group: declared.group,
    columns,
    titles,
    rows: (content, place) =>
      declared.documents(content, place).flatMap((found) =>
        toStatementRows(readDocument(found, place)).map(({ nr, ...row }) => ({
          policy_name: found.label ?? '',
          statement_nr: nr,
          ...row,
        })),
      ),
  })
}

/** What a resource's policy means as columns of the resource: `policy_is_public`, … */
export function policyColumns<T>(
  documentOf: (content: Stored<T>, place: Place) => FoundDocument | undefined,
): Record<string, Column<T>> {
  const meant = new WeakMap<object, PolicyMeaning>()
  const meaning = (content: Stored<T>, place: Place): PolicyMeaning | undefined => {
    const found = documentOf(content, place)
    if (found === undefined || typeof content !== 'object' || content === null) return undefined
    const known = meant.get(content) ?? describePolicy(readDocument(found, place))
    meant.set(content, known)
    return known
  }
  const says = (name: BooleanMeaning, title: string) =>
    flag<T>((content, place) => meaning(content, place)?.[name], false, title)
  const tells = (name: TextMeaning, title: string) =>
    text<T>((content, place) => meaning(content, place)?.[name], '', title)
  return {
    has_policy: flag<T>((content, place) => documentOf(content, place) !== undefined, false),
    policy_is_public: says('is_public', 'Strangers get in by the policy: docs/guide/meaning-of-public.md'),
    policy_admits_anonymous: says('admits_anonymous', '… without credentials'),
    policy_admits_all_aws_users: says('admits_all_aws_users', '… with any AWS account'),
    policy_admits_other_accounts: says('admits_other_accounts', 'Any account but the owner’s gets in'),
    policy_admits_unknown_accounts: says('admits_unknown_accounts', 'Accounts get in that it does not name'),
    policy_other_account_ids: tells('other_account_ids', 'Accounts that it names and that get in'),
    policy_public_actions: tells('public_actions', 'What strangers may do'),
    policy_public_because: tells('public_because', 'Who gets in, in a sentence'),
    policy_admits_service_for_anyone: says(
      'admits_service_for_anyone',
      'A service gets in for whomever it acts',
    ),
    policy_denies_insecure_transport: says(
      'denies_insecure_transport',
      'Everything that comes over plain HTTP is denied',
    ),
  }
}

/**
 * What the documents of an identity give it together, as IAM takes them: the right to pass any role in one statement and
 * the right to start something with it in another are an escalation that neither statement is.
 */
export function privilegeColumns<T>(
  prefix: '' | 'inline_',
  documentsOf: (content: Stored<T>, place: Place) => readonly FoundDocument[],
): Record<string, Column<T>> {
  const meant = new WeakMap<object, PolicyMeaning>()
  const meaning = (content: Stored<T>, place: Place): PolicyMeaning => {
    const known = meant.get(content as object)
    if (known !== undefined) return known
    const made = describePolicy(
      together(documentsOf(content, place).map((found) => readDocument(found, place))),
    )
    meant.set(content as object, made)
    return made
  }
  const says = (name: BooleanMeaning, title: string) =>
    flag<T>((content, place) => meaning(content, place)[name], undefined, title)
  return {
    [`${prefix}grants_administration`]: says(
      'is_admin',
      'Everything on everything, or all but a few things with IAM among what is left',
    ),
    [`${prefix}grants_all_but_iam`]: says(
      'allows_all_but_iam',
      'Everything on everything, IAM, organizations and accounts apart or not: what PowerUserAccess grants',
    ),
    [`${prefix}grants_privilege_escalation`]: says(
      'allows_privilege_escalation',
      'The right to take every right, by way of other identities or by itself',
    ),
    [`${prefix}grants_passing_any_role`]: says(
      'allows_passing_any_role',
      'The right to pass any role to a service: with the right to start what runs with it, every right',
    ),
    [`${prefix}grants_running_as_role`]: says(
      'allows_running_as_role',
      'The right to start what runs with a role that is passed to it: a function, an instance, a stack',
    ),
    ...(prefix === '' ? boundaryColumns(says) : {}),
  }
}

/** One document with the statements of all: a Deny takes back wherever it stands. */
function together(policies: readonly Policy[]): Policy {
  const [first] = policies
  if (first === undefined) return nothing
  if (policies.length === 1) return first
  const statements = policies.flatMap((policy) => policy.statements)
  return { ...first, statements: statements.map((statement, at) => ({ ...statement, nr: at + 1 })) }
}

const nothing: Policy = { context: { accountId: '', partition: '' }, version: '', statements: [] }

/** What a managed policy bounds where it is a permissions boundary; no other document can be one. */
function boundaryColumns<T>(
  says: (name: BooleanMeaning, title: string) => Column<T>,
): Record<string, Column<T>> {
  return {
    lets_users_shed_boundary: says(
      'lets_users_shed_boundary',
      'A user whose permissions boundary it is may take it away: it bounds nothing',
    ),
    lets_roles_shed_boundary: says(
      'lets_roles_shed_boundary',
      'A role whose permissions boundary it is may take it away: it bounds nothing',
    ),
  }
}

type BooleanMeaning = {
  [Name in keyof PolicyMeaning]: PolicyMeaning[Name] extends boolean ? Name : never
}[keyof PolicyMeaning]
type TextMeaning = {
  [Name in keyof PolicyMeaning]: PolicyMeaning[Name] extends string ? Name : never
}[keyof PolicyMeaning]
