/**
 * Identity providers that sign tokens for all their customers under one address, and what of a token says whose it is.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html (which of
 * them AWS itself wants bound, and by what), https://github.com/aws-samples/resource-control-policy-examples (shared
 * issuers, with the form of their subjects), and the pages of the providers; all of them in docs/guide/meaning-of-public.md.
 */
export interface Provider {
  /** Anybody can get an account there, or a token from there. */
  readonly isShared: boolean
  /** Keys (after `provider:`) that say who signed in. */
  readonly subjects: readonly string[]
  /** What must stand before the first wildcard of a subject for it to be bound. */
  readonly anchor: { test(value: string): boolean }
  /** What an audience looks like where it names the customer; elsewhere everybody's token can have it. */
  readonly audience?: RegExp
  /** Keys of AWS's own that say who signed in. */
  readonly globalSubjects?: readonly string[]
}

/** No wildcard: what begins as everybody's does is everybody's. */
const wholeValue = /^[^*?]+$/
const whole = '[^*?]+$'
/** An address, or all of one domain whose mailboxes are not given to whoever asks. */
const addressOrDomain = /^([^*?]+|[^@]*@(?!(gmail|googlemail)\.com$)[^*?@]+)$/

function shared(anchor: RegExp, subjects: readonly string[] = ['sub']): Provider {
  return { isShared: true, subjects, anchor }
}
/** A subject that begins with the customer's name: `account:<name>:`. */
function named(begin: string, end = ':'): Provider {
  return shared(new RegExp(`^(${begin}[^*?:/]+${end}|${whole})`))
}

const gitHub = shared(
  // `repo:my-org*` also fits `repo:my-org-of-somebody-else/…`.
  /^((repo|repository|repository_owner|job_workflow_ref|enterprise):[^*?/:]+[/:]|[^*?/:]+\/|[^*?]+$)/,
  [
    'sub',
    'repository',
    'repository_id',
    'repository_owner',
    'repository_owner_id',
    'job_workflow_ref',
    'enterprise',
    'enterprise_id',
  ],
)
const ofOrganization = named('organization:')
const turbonomic = named('system:serviceaccount:')
/** Its audience is Sentinel's own; the customer stands in the name of the session, which Sentinel gives: the same for all up to there. */
const sentinel: Provider = { ...shared(wholeValue, []), globalSubjects: ['sts:rolesessionname'] }
const pulumi = named('pulumi:[^?:]+:(org|pulumi\\.organization\\.login):')
const pulumiForClouds: Provider = { ...pulumi, audience: /^(aws:)?(?!sts\.amazonaws\.com)[^*?:/]+$/ }

export const sharedProviders: ReadonlyMap<string, Provider> = new Map<string, Provider>([
  // Built into AWS.
  ['accounts.google.com', shared(addressOrDomain, ['sub', 'email', 'google/organization_number'])],
  ['graph.facebook.com', shared(wholeValue, ['id'])],
  ['www.amazon.com', shared(wholeValue, ['user_id'])],
  // The audience of a Cognito identity is one identity pool, and a pool belongs to somebody.
  ['cognito-identity.amazonaws.com', shared(wholeValue, ['aud', 'sub'])],

  ['token.actions.githubusercontent.com', gitHub],
  ['vstoken.actions.githubusercontent.com', gitHub],
  // An enterprise's name is the end of its subject.
  ['oidc-configuration.audit-log.githubusercontent.com', shared(wholeValue)],
  [
    'gitlab.com',
    shared(/^(project_path:[^*?/:]+\/|[^*?]+$)/, [
      'sub',
      'namespace_path',
      'namespace_id',
      'project_path',
      'project_id',
    ]),
  ],
  ['agent.buildkite.com', ofOrganization],
  ['app.terraform.io', ofOrganization],
  ['api.pulumi.com/oidc', pulumiForClouds],
  ['api.pulumi.com', pulumiForClouds],
  // Its customers choose the audience.
  ['api.pulumi.com/oidc/v2', pulumi],
  ['oidc.codefresh.io', named('account:')],
  ['oidc.vercel.com', { ...named('owner:'), audience: /^https:\/\/vercel\.com\/[^*?/]+$/ }],
  ['proidc.upbound.io', named('mcp:', '[/:]')],
  ['sandboxes.cloud', { ...shared(wholeValue), audience: /^(?!sts\.amazonaws\.com)[^*?:/]+$/ }],
  ['scalr.io', named('account:')],
  ['studio.datachain.ai/api', named('credentials:', '/')],
  ['tokens.cloud.shisho.dev', named('job:')],
  ['login.microsoftonline.com', shared(wholeValue, ['sub', 'oid'])],
  // The tenant of all personal accounts of Microsoft.
  ['login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0', shared(wholeValue, ['sub', 'oid'])],
  ['sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d', sentinel],
  ['sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e', sentinel],
  ['oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu', turbonomic],
  ['oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb', turbonomic],
  ['rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7', turbonomic],
  ['rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr', turbonomic],
  ['rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg', turbonomic],
  ['rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26', turbonomic],
])
