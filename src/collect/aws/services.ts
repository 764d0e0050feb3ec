/**
 * The SDK's clients, each imported when a call first needs it: EC2's alone takes a third of a second and 97 MB.
 * Names are those that declarations use, and AWS's own endpoint prefixes.
 */
const packages = {
  account: () => import('@aws-sdk/client-account').then((sdk) => [sdk.AccountClient, sdk] as const),
  cloudtrail: () => import('@aws-sdk/client-cloudtrail').then((sdk) => [sdk.CloudTrailClient, sdk] as const),
  ec2: () => import('@aws-sdk/client-ec2').then((sdk) => [sdk.EC2Client, sdk] as const),
  elasticloadbalancingv2: () =>
    import('@aws-sdk/client-elastic-load-balancing-v2').then(
      (sdk) => [sdk.ElasticLoadBalancingV2Client, sdk] as const,
    ),
  iam: () => import('@aws-sdk/client-iam').then((sdk) => [sdk.IAMClient, sdk] as const),
  kms: () => import('@aws-sdk/client-kms').then((sdk) => [sdk.KMSClient, sdk] as const),
  organizations: () =>
    import('@aws-sdk/client-organizations').then((sdk) => [sdk.OrganizationsClient, sdk] as const),
  s3: () => import('@aws-sdk/client-s3').then((sdk) => [sdk.S3Client, sdk] as const),
  s3control: () => import('@aws-sdk/client-s3-control').then((sdk) => [sdk.S3ControlClient, sdk] as const),
  sts: () => import('@aws-sdk/client-sts').then((sdk) => [sdk.STSClient, sdk] as const),
}

export type AwsService = keyof typeof packages
export const awsServices = Object.keys(packages) as AwsService[]

/** The little of an SDK client that is used here, the same in all of them. */
export interface AwsClient {
  send(command: object, options: { abortSignal: AbortSignal }): Promise<object>
  destroy(): void
  middlewareStack: { add(middleware: unknown, options: Record<string, unknown>): void }
}

export interface LoadedService {
  createClient(config: object): AwsClient
  createCommand(operation: string, input: object): object
}

/**
 * Which operations are reads is declared with each table; this is the second lock. It refuses what changes
 * something by its name, and what gives out credentials or plaintext.
 */
const changes =
  /^(Accept|Add|Allocate|Assign|Associate|Assume|Attach|Authorize|Cancel|Close|Copy|Create|Deactivate|Delete|Deregister|Detach|Disable|Disassociate|Enable|Import|Invite|Leave|Modify|Move|Put|Reboot|Register|Release|Remove|Replace|Reset|Restore|Revoke|Rotate|Run|Schedule|Send|Set|Start|Stop|Submit|Tag|Terminate|Unassign|Untag|Update|Upload|Write)[A-Z]/
const givesSecrets =
  /^(Decrypt|ReEncrypt|Sign|DeriveSharedSecret|GenerateData|GenerateRandom|GetSessionToken|GetFederationToken|GetDelegatedAccessToken|GetWebIdentityToken|GetDataAccess|GetPasswordData|CreateSession)/

/** A mistake in a declaration, not an answer of AWS. */
export class NoSuchRead extends Error {}

export async function loadService(name: string): Promise<LoadedService> {
  if (!Object.hasOwn(packages, name)) throw new NoSuchRead(`no SDK client for the AWS service "${name}"`)
  const [Client, sdk] = await packages[name as AwsService]()
  return {
    createClient: (config) => new (Client as unknown as new (config: object) => AwsClient)(config),
    createCommand(operation, input) {
      if (changes.test(operation) || givesSecrets.test(operation)) {
        throw new NoSuchRead(`${name}:${operation} is not a read`)
      }
      const Command = (sdk as Record<string, unknown>)[`${operation}Command`]
      if (typeof Command !== 'function') throw new NoSuchRead(`the SDK has no operation ${name}:${operation}`)
      return new (Command as new (input: object) => object)(input)
    },
  }
}
