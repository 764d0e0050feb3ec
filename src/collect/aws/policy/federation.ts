/**
 * What binds a federated trust to somebody in particular. Without such a condition it is open to all who can sign
 * in at the provider.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 */
interface Provider {
  /** Anybody can get an account there, or a token from there. */
  readonly isShared: boolean
  /** Keys (after `provider:`) that say who signed in. */
  readonly subjects: readonly string[]
  /** What must stand before the first wildcard of a subject for it to be bound. */
  readonly anchor: RegExp
}

const anything = /^[^*?]+/
const privateProvider: Provider = { isShared: false, subjects: ['sub', 'email', 'oid'], anchor: anything }
const gitlab: Provider = {
  isShared: true,
  subjects: ['sub', 'namespace_path', 'namespace_id', 'project_path', 'project_id'],
  anchor: /^(project_path:[^*?/:]+\/|[^*?]+$)/,
}

const providers = new Map<string, Provider>([
  [
    'token.actions.githubusercontent.com',
    {
      isShared: true,
      subjects: [
        'sub',
        'repository',
        'repository_id',
        'repository_owner',
        'repository_owner_id',
        'job_workflow_ref',
        'enterprise',
        'enterprise_id',
      ],
      // `repo:my-org*` also fits `repo:my-org-of-somebody-else/…`.
      anchor:
        /^((repo|repository|repository_owner|job_workflow_ref|enterprise):[^*?/:]+[/:]|[^*?/:]+\/|[^*?]+$)/,
    },
  ],
  ['gitlab.com', gitlab],
  ['accounts.google.com', { isShared: true, subjects: ['sub', 'email'], anchor: anything }],
  ['graph.facebook.com', { isShared: true, subjects: ['id'], anchor: anything }],
  ['www.amazon.com', { isShared: true, subjects: ['user_id'], anchor: anything }],
  // The audience of a Cognito identity is one identity pool, and a pool belongs to somebody.
  ['cognito-identity.amazonaws.com', { isShared: true, subjects: ['aud', 'sub'], anchor: anything }],
  ['app.terraform.io', { isShared: true, subjects: ['sub'], anchor: /^(organization:[^*?:]+:|[^*?]+$)/ }],
  ['app.pulumi.com', { isShared: true, subjects: ['sub'], anchor: anything }],
  ['agent.buildkite.com', { isShared: true, subjects: ['sub'], anchor: /^(organization:[^*?:]+:|[^*?]+$)/ }],
  ['login.microsoftonline.com', { isShared: true, subjects: ['sub', 'oid'], anchor: anything }],
])

/** Providers whose address holds the customer: `gitlab.example.com`, `oidc.circleci.com/org/<id>`, an EKS cluster. */
function providerOf(provider: string): Provider {
  return providers.get(provider) ?? privateProvider
}

/**
 * Identity pools of Cognito may let guests in, who say that they are not signed in: what is bound to the pool alone is
 * open to its guests. Whether a pool has guests is not known here.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
 */
export const cognito = {
  provider: 'cognito-identity.amazonaws.com',
  pool: 'cognito-identity.amazonaws.com:aud',
  signedIn: 'cognito-identity.amazonaws.com:amr',
} as const

/** Can anybody on the internet sign in at this provider? */
export function isShared(provider: string): boolean {
  return provider === '*' || providerOf(provider).isShared
}

const samlFormalities = new Set(['aud', 'iss', 'sub_type', 'doc'])

/** Does this key say who signed in? `key` is lower case, with the provider before its last colon. */
export function isSubjectKey(provider: string, key: string): boolean {
  if (provider === 'saml') return key.startsWith('saml:') && !samlFormalities.has(key.slice('saml:'.length))
  return (
    key.startsWith(`${provider}:`) && providerOf(provider).subjects.includes(key.slice(provider.length + 1))
  )
}

/** Is a subject with wildcards still bound to somebody? */
export function isBoundSubject(provider: string, value: string): boolean {
  return providerOf(provider).anchor.test(value)
}
