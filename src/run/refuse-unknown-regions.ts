import type { PlannableAccount } from '../collect/kernel/plan-cells.ts'
import { StanceError } from '../core/errors.ts'
import type { ConnectionSettings } from './run-settings.ts'

/** A region that no account has would read nothing and look all green: a slip of the pen, so it is an error. */
export function refuseUnknownRegions(
  accounts: readonly PlannableAccount[],
  asked: readonly string[] | undefined,
  connections: readonly ConnectionSettings[],
): void {
  // Where the regions of an account could not be listed, nobody can say that one is unknown.
  if (accounts.some((account) => account.regions_unread !== undefined || account.not_entered !== undefined))
    return
  const regions = accounts.flatMap((account) => account.regions)
  const known = new Set(regions.map(({ name }) => name))
  if (known.size === 0) return
  const unknown = asked?.find((region) => region !== 'global' && !known.has(region))
  if (unknown !== undefined) throw noSuchRegion(unknown, known, 'Name it as AWS does.')
  const used = new Set(regions.filter(({ status }) => status !== 'opted out').map(({ name }) => name))
  const unused = asked?.find((region) => region !== 'global' && !used.has(region))
  if (unused !== undefined)
    throw new StanceError('SCAN_UNKNOWN_REGION', `No account that is read has opted in to ${unused}.`, {
      next: `There is nothing to read in it: leave it out. Regions that are read: ${[...used].sort().join(', ')}.`,
      details: { region: unused },
    })
  for (const [at, { regions }] of connections.entries()) {
    const wrong = regions === 'automatic' ? undefined : regions.find((region) => !known.has(region))
    if (wrong !== undefined)
      throw noSuchRegion(wrong, known, `Mend connections[${at}].regions in stance.yaml.`)
  }
}

function noSuchRegion(region: string, known: ReadonlySet<string>, next: string): StanceError {
  const near = [...known].find((name) => distance(name, region) <= 2)
  const hint = near === undefined ? '' : `Did you mean ${near}? `
  return new StanceError('SCAN_UNKNOWN_REGION', `No account that is read has a region ${region}.`, {
    next: `${hint}${next}`,
    details: { region },
  })
}

/** Letters to change, add or take away to make one of the other; enough to tell a slip from another name. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
