import type { NeededPermission } from '../kernel/permissions-of.ts'

export interface IamPolicy {
  Version: '2012-10-17'
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: '*' }[]
}

/** What a managed policy may have, blanks left out. */
const mostCharacters = 6144

/**
 * The least-privilege policy for reading, one statement a service. More than one managed policy where one would
 * be too long. Describing and listing know no narrower resource than `*`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function printPolicy(permissions: readonly NeededPermission[], most = mostCharacters): IamPolicy[] {
  const byService = new Map<string, string[]>()
  for (const name of [...new Set(permissions.map((one) => one.name))].sort()) {
    const service = name.split(':')[0] as string
    byService.set(service, [...(byService.get(service) ?? []), name])
  }
  const policies: IamPolicy[] = []
  let current = emptyPolicy()
  for (const [service, actions] of byService) {
    for (const part of parts(service, actions, most)) {
      const longer = { ...current, Statement: [...current.Statement, part] }
      if (current.Statement.length > 0 && sizeOf(longer) > most) {
        policies.push(current)
        current = { ...emptyPolicy(), Statement: [part] }
      } else current = longer
    }
  }
  return current.Statement.length > 0 ? [...policies, current] : policies
}

export function sizeOf(policy: IamPolicy): number {
  return JSON.stringify(policy).length
}

/** A service with more actions than one policy holds. */
function parts(service: string, actions: readonly string[], most: number): IamPolicy['Statement'] {
  const all: IamPolicy['Statement'] = []
  let taken: string[] = []
  const statement = (Action: string[]) => ({
    Sid: sid(service, all.length),
    Effect: 'Allow' as const,
    Action,
    Resource: '*' as const,
  })
  for (const action of actions) {
    const longer = [...taken, action]
    if (taken.length > 0 && sizeOf({ ...emptyPolicy(), Statement: [statement(longer)] }) > most) {
      all.push(statement(taken))
      taken = [action]
    } else taken = longer
  }
  return [...all, statement(taken)]
}

function emptyPolicy(): IamPolicy {
  return { Version: '2012-10-17', Statement: [] }
}

function sid(service: string, nr: number): string {
  const word = service.replace(/[^a-z0-9]/gi, '')
  return `StanceReads${word.charAt(0).toUpperCase()}${word.slice(1)}${nr === 0 ? '' : nr + 1}`
}
