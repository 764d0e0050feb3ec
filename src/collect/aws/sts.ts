import { atEndpoint } from './at-endpoint.ts'
import type { AwsConnection, AwsKeys } from './connection.ts'
import { toCredentialProblem } from './credential-problem.ts'
import type { SharedHandler } from './http-handlers.ts'

export interface StsCaller {
  connection: AwsConnection
  keys: AwsKeys
  /** The regional endpoint: its keys work in every region, those of the global one do not in opt-in regions. */
  region: string
  requestHandler: SharedHandler['forClients']
}

/** The longest that a role assumed with the keys of another role may last. */
const sessionSeconds = 3600
const patienceMs = 20_000

/** The account that keys belong to. */
export async function callerAccount(caller: StsCaller): Promise<string> {
  return await withSts(caller, undefined, async (sdk, client, options) => {
    const { Account } = await client.send(new sdk.GetCallerIdentityCommand({}), options)
    if (Account === undefined) throw new Error('STS named no account')
    return Account
  })
}

export async function assumeRole(roleArn: string, caller: StsCaller): Promise<AwsKeys> {
  const { external_id, session_name } = caller.connection
  return await withSts(caller, roleArn, async (sdk, client, options) => {
    const { Credentials } = await client.send(
      new sdk.AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: session_name ?? 'stance',
        DurationSeconds: sessionSeconds,
        ...(external_id === undefined ? {} : { ExternalId: external_id }),
      }),
      options,
    )
    if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken) {
      throw new Error('STS gave no keys')
    }
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
      ...(Credentials.Expiration === undefined ? {} : { expiration: Credentials.Expiration }),
    }
  })
}

type Sdk = typeof import('@aws-sdk/client-sts')

async function withSts<T>(
  { connection, keys, region, requestHandler }: StsCaller,
  roleArn: string | undefined,
  call: (
    sdk: Sdk,
    client: InstanceType<Sdk['STSClient']>,
    options: { abortSignal: AbortSignal },
  ) => Promise<T>,
): Promise<T> {
  const sdk = await import('@aws-sdk/client-sts')
  const client = new sdk.STSClient({
    region,
    // A copy: the SDK writes into what it is given.
    credentials: { ...keys },
    requestHandler,
    // These calls are below the kernel's layers: nobody else repeats them.
    maxAttempts: 4,
    ...(connection.endpoint === undefined ? {} : atEndpoint(connection.endpoint)),
    ...{ ignoreConfiguredEndpointUrls: true },
  })
  try {
    return await call(sdk, client, { abortSignal: AbortSignal.timeout(patienceMs) })
  } catch (error) {
    throw toCredentialProblem(error, connection, roleArn)
  } finally {
    client.destroy()
  }
}
