import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the AWS CLI and its SDKs look for profiles, and which one the environment names. */
export interface ProfileFiles {
  /** `AWS_PROFILE`. */
  named: string | undefined
  files: readonly string[]
}

export function profileFiles(env: NodeJS.ProcessEnv): ProfileFiles {
  const home = env.HOME || env.USERPROFILE || homedir()
  return {
    named: env.AWS_PROFILE || undefined,
    files: [
      env.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
      env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
    ],
  }
}
