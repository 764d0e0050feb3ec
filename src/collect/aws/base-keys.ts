import { type AwsConnection, type AwsKeys, ownAccount } from './connection.ts'
import { toCredentialProblem } from './credential-problem.ts'
import type { SharedHandler } from './http-handlers.ts'
import { refuseMissingProfile } from './refuse-missing-profile.ts'

/** The keys that a connection itself has, before any role: given ones, a profile's, or the SDK's default chain. */
export async function createBaseKeys(
  connection: AwsConnection,
  requestHandler: SharedHandler['forClients'],
): Promise<() => Promise<AwsKeys>> {
  const { keys, profile } = connection
  if (keys !== undefined) return async () => keys(ownAccount)
  const providers = await import('@aws-sdk/credential-providers')
  // No region here: it would overrule the region of an SSO session. Files are read again: a person may have
  // logged in since.
  const through = {
    clientConfig: { requestHandler },
    parentClientConfig: { requestHandler },
    ignoreCache: true,
  }
  const provider =
    profile === undefined
      ? providers.fromNodeProviderChain(through)
      : providers.fromIni({ profile, ...through })
  return async () => {
    await refuseMissingProfile(connection)
    try {
      return await provider()
    } catch (error) {
      throw toCredentialProblem(error, connection)
    }
  }
}

/** The declared one, else the profile's or the SDK's own, else the first there ever was. */
export async function homeRegionOf({ home_region, keys, profile }: AwsConnection): Promise<string> {
  if (home_region !== undefined) return home_region
  const fallback = 'us-east-1'
  if (keys !== undefined) return fallback
  const { STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient(profile === undefined ? {} : { profile })
  try {
    return await client.config.region()
  } catch {
    return fallback
  } finally {
    client.destroy()
  }
}
