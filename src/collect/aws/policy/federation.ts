import { type Provider, sharedProviders } from './shared-providers.ts'

/**
 * What binds a federated trust to somebody in particular. Without such a condition it is open to all who can sign
 * in at the provider.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 */
const privateSubjects = ['sub', 'email', 'oid']

/** What the subjects of all users of some provider begin with; a cluster's name a namespace after it. */
const beginnings = [
  ...['system:serviceaccount', 'repo', 'repository', 'repository_owner', 'job_workflow_ref', 'enterprise'],
  ...['project_path', 'namespace_path', 'organization', 'account', 'owner', 'pulumi'],
].map((name) => `${name}:`)

/** Others have an address that holds the customer: `oidc.circleci.com/org/<id>`, `oidc.vercel.com/<team>`, an EKS cluster. */
function providerOf(provider: string): Provider {
  const address = provider.replace(/\/$/, '')
  return sharedProviders.get(address) ?? privateProvider(address)
}

/**
 * A subject with wildcards is bound if what stands before them is not what every user's begins with. Where the address
 * ends with the customer, that is the customer's name as well.
 */
function privateProvider(address: string): Provider {
  const customer = address.slice(address.lastIndexOf('/') + 1)
  const common = [...beginnings, `org/${customer}/project/`, `owner:${customer}:project:`]
  const isBound = (value: string): boolean => {
    if (value.startsWith('system:serviceaccount:')) return /^system:serviceaccount:[^*?:]+:/.test(value)
    const fixed = value.replace(/[*?].*$/s, '')
    return fixed !== '' && !common.some((one) => one.startsWith(fixed))
  }
  return { isShared: false, subjects: privateSubjects, anchor: { test: isBound } }
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
  const { subjects, audience, globalSubjects } = providerOf(provider)
  if (globalSubjects?.includes(key)) return true
  if (!key.startsWith(`${provider}:`)) return false
  const claim = key.slice(provider.length + 1)
  return subjects.includes(claim) || (claim === 'aud' && audience !== undefined)
}

/** Is a subject, with wildcards or without, bound to somebody? */
export function isBoundSubject(provider: string, key: string, value: string): boolean {
  const { anchor, audience } = providerOf(provider)
  if (audience !== undefined && key === `${provider}:aud`) return audience.test(value)
  return !/[*?]/.test(value) || anchor.test(value)
}

/** Is it a claim of another provider than this one? A token has those of its own provider only. */
export function isClaimElsewhere(provider: string, key: string): boolean {
  const issuer = /^(saml|[^:]*\.[^:]*):[^:]*$/.exec(key)?.[1]
  return provider !== '*' && issuer !== undefined && issuer !== provider
}
