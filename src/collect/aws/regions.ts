import type { FailedAnswer } from '../kernel/transport.ts'
import { ask, askForAll, type Caller } from './ask.ts'
import { partitions } from './partition.ts'

export interface Region {
  name: string
  /** `unknown`: AWS did not say. Such a region is asked, and what it answers is not taken for "empty". */
  status: 'opted in' | 'opted out' | 'unknown'
}

export interface Regions {
  regions: Region[]
  /** Why the states are not known. */
  failed?: FailedAnswer
}

/**
 * The regions of an account. EC2 knows them all; else the account service; where neither may be asked, those that
 * an account of this partition has by default, of unknown state: never an empty list, which would say that
 * nothing is there.
 */
export async function regionsOf(caller: Caller & { partition: string }): Promise<Regions> {
  const fromEc2 = await ask(caller, 'ec2', 'DescribeRegions', { AllRegions: true })
  if (fromEc2.ok) {
    const regions = statesOf(fromEc2.body.Regions, 'RegionName', 'OptInStatus')
    if (regions.length > 0) return { regions }
  }
  const fromAccount = await askForAll(caller, 'account', 'ListRegions', 'Regions')
  if ('rows' in fromAccount) {
    const regions = statesOf(fromAccount.rows, 'RegionName', 'RegionOptStatus')
    if (regions.length > 0) return { regions }
  }
  const known = partitions.find(({ name }) => name === caller.partition)?.enabled_by_default ?? []
  return {
    regions: known.map((name) => ({ name, status: 'unknown' })),
    failed: fromEc2.ok ? empty : fromEc2,
  }
}

const empty: FailedAnswer = {
  ok: false,
  kind: 'answer',
  code: 'NO_REGIONS',
  message: 'AWS listed no region.',
}

function statesOf(rows: unknown, name: string, state: string): Region[] {
  if (!Array.isArray(rows)) return []
  return (rows as Record<string, unknown>[])
    .filter((row) => typeof row[name] === 'string')
    .map((row) => ({ name: row[name] as string, status: statusOf(row[state]) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** EC2's words and the account service's; one being switched on or off still has what lies in it. */
function statusOf(word: unknown): Region['status'] {
  if (word === 'not-opted-in' || word === 'DISABLED') return 'opted out'
  if (word === 'ENABLING') return 'unknown'
  const on = ['opt-in-not-required', 'opted-in', 'ENABLED', 'ENABLED_BY_DEFAULT', 'DISABLING']
  return on.includes(String(word)) ? 'opted in' : 'unknown'
}
