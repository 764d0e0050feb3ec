import { explain } from './admissions.ts'
import { boundsNothing } from './boundaries.ts'
import { anonymousCallers, anyService, awsUsers, type Caller } from './caller.ts'
import { allowsPassingAnyRole, allowsPrivilegeEscalation, allowsRunningAsRole } from './escalation.ts'
import { findRequest } from './find-request.ts'
import { admitsEveryone, type JudgedPolicy, judgePolicy } from './judge-policy.ts'
import { surelyNames } from './name-caller.ts'
import type { Policy, PolicyStatement } from './policy.ts'
import { allowsAllButIam, areAdminTogether, isAdmin } from './privilege.ts'
import { deniesInsecureTransport } from './secure-transport.ts'

/** What a whole document means; every value is there, whatever the document. */
export interface PolicyMeaning {
  readonly statement_count: number
  /** A stranger gets in: see docs/guide/meaning-of-public.md. */
  readonly is_public: boolean
  readonly admits_anonymous: boolean
  readonly admits_all_aws_users: boolean
  /** Somebody of an account that is not the owner's gets in; TRUE for a public document, too. */
  readonly admits_other_accounts: boolean
  /** … of accounts that the document does not name: by organization, network, canonical id, or because it is public. */
  readonly admits_unknown_accounts: boolean
  readonly other_account_ids: string
  /** As the public statements write them, less what Deny statements take back. */
  readonly public_actions: string
  /** The first public statement; 0 when there is none. */
  readonly public_statement_nr: number
  readonly public_because: string
  readonly admits_service_for_anyone: boolean
  readonly admits_any_federated_user: boolean
  readonly admits_any_web_identity: boolean
  readonly denies_insecure_transport: boolean
  readonly is_admin: boolean
  /** … or all but what speaks of identities, organizations and accounts; TRUE where `is_admin` is. */
  readonly allows_all_but_iam: boolean
  readonly allows_privilege_escalation: boolean
  /** One half of an escalation; the other half may be in another policy of the same holder. */
  readonly allows_passing_any_role: boolean
  /** The other: to start something that runs with the role which is passed to it. */
  readonly allows_running_as_role: boolean
  /** As a permissions boundary of a user it may be taken away by the user, and so bounds nothing. */
  readonly lets_users_shed_boundary: boolean
  /** … of a role. */
  readonly lets_roles_shed_boundary: boolean
}

export function describePolicy(policy: Policy): PolicyMeaning {
  const judged = judgePolicy(policy)
  const { prepared, statements } = judged
  const open = statements.filter(({ admissions }) => admitsEveryone(admissions))
  const first = open[0]
  const any = (of: (one: (typeof statements)[number]) => boolean): boolean => statements.some(of)
  const accounts = new Set(statements.flatMap(({ admissions }) => admissions.otherAccounts))
  const unknown = any(({ admissions }) => admissions.unknownAccounts) || open.length > 0
  return {
    statement_count: statements.length,
    is_public: open.length > 0,
    admits_anonymous: any(({ admissions }) => admissions.anonymous),
    admits_all_aws_users: any(({ admissions }) => admissions.awsUsers),
    admits_other_accounts: unknown || accounts.size > 0,
    admits_unknown_accounts: unknown,
    other_account_ids: [...accounts].sort().join(', '),
    public_actions: publicActions(judged).join(', '),
    public_statement_nr: first?.statement.nr ?? 0,
    public_because: first === undefined ? '' : explain(first.statement, first.admissions),
    admits_service_for_anyone: any(({ admissions }) => admissions.serviceForAnyone),
    admits_any_federated_user: any(({ admissions }) => admissions.federatedUsers),
    admits_any_web_identity: any(({ admissions }) => admissions.webIdentities),
    denies_insecure_transport: deniesInsecureTransport(prepared),
    is_admin: any(({ statement }) => isAdmin(prepared, statement)) || areAdminTogether(prepared),
    allows_all_but_iam: allowsAllButIam(prepared),
    allows_privilege_escalation: allowsPrivilegeEscalation(prepared, policy.statements),
    allows_passing_any_role: allowsPassingAnyRole(prepared, policy.statements),
    allows_running_as_role: allowsRunningAsRole(prepared, policy.statements),
    lets_users_shed_boundary: boundsNothing(prepared, 'user'),
    lets_roles_shed_boundary: boundsNothing(prepared, 'role'),
  }
}

const shown = 50

function publicActions({ prepared, statements }: JudgedPolicy): string[] {
  const found = new Set<string>()
  for (const { statement, admissions } of statements) {
    if (!admitsEveryone(admissions)) continue
    if (statement.isNotAction) {
      found.add(`all but ${statement.actions.map((glob) => glob.text).join(' ')}`)
      continue
    }
    for (const glob of statement.actions.slice(0, shown)) {
      const one = { ...statement, actions: [glob] }
      if (strangersOf(admissions.stranger).some((caller) => isLeft(one, caller))) found.add(glob.text)
    }
  }
  return [...found].sort().slice(0, shown)

  function isLeft(statement: PolicyStatement, caller: Caller): boolean {
    const resources = prepared.resourcesOf(statement, caller)
    if (resources === undefined) return false
    const denies = prepared.denies.filter((deny) => surelyNames(deny, caller))
    const grant = {
      caller,
      actions: prepared.actionsOf(statement),
      resources,
      conditions: statement.conditions,
    }
    return findRequest(prepared, grant, denies)
  }
}

function strangersOf(stranger: Caller | undefined): readonly Caller[] {
  if (stranger?.who === 'federated') return [stranger]
  return [...anonymousCallers, ...awsUsers, anyService]
}
