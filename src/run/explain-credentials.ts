import { readFile } from 'node:fs/promises'
import { refuseMissingProfile } from '../collect/aws/refuse-missing-profile.ts'
import { StanceError } from '../core/errors.ts'
import type { ConnectionSettings } from './run-settings.ts'

/** Why the SDK's chain came back without keys, where the environment or a profile tells; the chain itself does not say. */
export async function explainCredentials(
  error: StanceError,
  connection: ConnectionSettings,
): Promise<StanceError> {
  const { keys, profile, profile_files } = connection
  if (error.code !== 'COLLECT_CREDENTIALS_MISSING' || keys !== undefined || profile_files === undefined)
    return error
  const wanted = profile ?? profile_files.named
  if (wanted === undefined) {
    const { lacking } = profile_files
    if (lacking === undefined) return error
    const other = lacking === 'AWS_ACCESS_KEY_ID' ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'
    return because(`${other} is set and ${lacking} is not: one is of no use without the other.`, {
      next: `Set ${lacking}, too (and AWS_SESSION_TOKEN for temporary keys), or take ${other} away to use a profile.`,
    })
  }
  try {
    await refuseMissingProfile(connection)
  } catch {
    // It is not there, and that is what the error says.
    return error
  }
  const by = profile === undefined ? 'AWS_PROFILE' : `connection "${connection.name}"`
  const profiles = await readProfiles(profile_files.files)
  const name = /^[\w.@+:-]+$/.test(wanted) ? wanted : '<name>'
  const tried = `\`aws sts get-caller-identity --profile ${name}\` tries it.`
  const told = `The profile "${wanted}", which ${by} names, gives no keys`
  const { source_profile, credential_process } = profiles.get(wanted) ?? {}
  if (source_profile !== undefined && !profiles.has(source_profile))
    return because(`${told}: its source_profile "${source_profile}" is not there.`, {
      next: `There are: ${[...profiles.keys()].sort().slice(0, 12).join(', ')}. Mend source_profile; ${tried}`,
    })
  if (credential_process !== undefined)
    return because(`${told}: its credential_process failed, or the keys that it gave have ended.`, {
      next: `Run what credential_process names by hand and look at what it prints; ${tried}`,
    })
  return because(`${told}.`, {
    next: `Look at what it says in ${profile_files.files.join(' and ')}; ${tried}`,
  })
}

function because(message: string, more: { next: string }): StanceError {
  return new StanceError('COLLECT_CREDENTIALS_MISSING', message, more)
}

/** What is said of each profile, by the sections of the files. */
async function readProfiles(files: readonly string[]): Promise<Map<string, Record<string, string>>> {
  const profiles = new Map<string, Record<string, string>>()
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    let section: Record<string, string> | undefined
    for (const line of text.split(/\r?\n/)) {
      const [, head] = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line) ?? []
      if (head !== undefined) {
        const [, kind, name = ''] = /^(?:(\S+)\s+)?["']?([^"']+?)["']?$/.exec(head) ?? []
        section = kind === undefined || kind === 'profile' ? (profiles.get(name) ?? {}) : undefined
        if (section !== undefined) profiles.set(name, section)
        continue
      }
      const [, key, value] = /^([\w-]+)\s*=\s*(.+?)\s*$/.exec(line) ?? []
      if (section !== undefined && key !== undefined && value !== undefined) section[key] = value
    }
  }
  return profiles
}
