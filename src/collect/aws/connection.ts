/**
 * Credentials, endpoints and partition that can read one account or many. Names are those of the setting
 * `connections`; values come from there, never from the environment.
 */
export interface AwsConnection {
  name: string
  /** A profile of the AWS CLI's files; without it, the SDK's default chain. */
  profile?: string | undefined
  /** Where profiles are looked for, and the one that the environment names for the default chain. */
  profile_files?: { named: string | undefined; files: readonly string[] } | undefined
  /** Assumed for each account; `{account}` stands for its id. */
  role_arn?: string | undefined
  external_id?: string | undefined
  session_name?: string | undefined
  /** Where the first call goes; it chooses the partition. */
  home_region?: string | undefined
  /** One address for all services. */
  endpoint?: string | undefined
  /** Keys instead of a profile or chain, by account: a replay's, a test's. */
  keys?: ((accountId: string) => AwsKeys) | undefined
  /** Its endpoint is our own replay server, which may say what was sealed and when an answer was got. */
  replay?: boolean | undefined
}

export interface AwsKeys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}

/** How to get out of this network. The setting `network`, its files read by `http-handlers.ts`. */
export interface Network {
  https_proxy?: string | undefined
  http_proxy?: string | undefined
  no_proxy?: string | undefined
  /** A PEM file of certificates to trust beside the usual ones. */
  ca_bundle?: string | undefined
}

/** The account id that stands for "whoever the connection's own credentials belong to". */
export const ownAccount = ''
