import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the AWS CLI and its SDKs look for profiles, and which one the environment names. */
export interface ProfileFiles {
  /** `AWS_PROFILE`. */
  named: string | undefined
  files: readonly string[]
  /** The one of `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` that is not set, where the other is. */
  lacking: string | undefined
}

const pair = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

export function profileFiles(env: NodeJS.ProcessEnv): ProfileFiles {
  const home = env.HOME || env.USERPROFILE || homedir()
  const lacking = pair.filter((name) => !env[name])
  return {
    lacking: lacking.length === 1 ? lacking[0] : undefined,
    named: env.AWS_PROFILE || undefined,
    files: [
      env.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
      env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
    ],
  }
}
