import { readFile } from 'node:fs/promises'
import { StanceError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { AwsConnection } from './connection.ts'

/**
 * A profile that is named and not there. Without this the SDK's chain would go on to a role of the machine, and read
 * another account than the one that was meant.
 */
export async function refuseMissingProfile({ name, profile, profile_files }: AwsConnection): Promise<void> {
  if (profile_files === undefined) return
  const { named, files } = profile_files
  const wanted = profile ?? named
  if (wanted === undefined) return
  const found = await Promise.all(files.map(profilesIn))
  const all = [...new Set(found.flatMap((one) => one ?? []))].sort()
  if (all.includes(wanted)) return
  const there = files.filter((_, at) => found[at] !== undefined)
  const where =
    there.length === 0 ? `: neither ${files.join(' nor ')} is there` : ` in ${there.join(' and ')}`
  const by = profile === undefined ? 'AWS_PROFILE' : `connection "${name}"`
  throw new StanceError(
    'COLLECT_CREDENTIALS_MISSING',
    `There is no profile "${wanted}", which ${by} names${where}.`,
    { next: remedy(wanted, all, profile === undefined ? 'AWS_PROFILE' : '`profile` of the connection') },
  )
}

const mostNamed = 12

function remedy(wanted: string, all: readonly string[], setting: string): string {
  const make = `make it with \`aws configure sso --profile ${/^[\w.-]+$/.test(wanted) ? wanted : '<name>'}\``
  if (all.length === 0)
    return `No profile is there yet: ${make}, or take ${setting} away to use other credentials.`
  const near = nearest(wanted, all)
  const rest = all.length > mostNamed ? ` and ${all.length - mostNamed} more` : ''
  const hint = near === undefined ? '' : `Did you mean ${near}? `
  return `${hint}There are: ${all.slice(0, mostNamed).join(', ')}${rest}. Name one of them in ${setting}, or ${make}.`
}

/** Names only, by the sections of the file; undefined where it cannot be read. */
async function profilesIn(file: string): Promise<string[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const sections = text.matchAll(/^\s*\[\s*([^\]]+?)\s*\]/gm)
  return [...sections].flatMap(([, section = '']) => {
    const [, kind, quoted, plain] = /^(?:(\S+)\s+)?(?:"([^"]*)"|'?([^'\s]+)'?)$/.exec(section) ?? []
    return kind === undefined || kind === 'profile' ? (quoted ?? plain ?? []) : []
  })
}
