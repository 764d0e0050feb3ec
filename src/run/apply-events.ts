import { parseEvent } from '../collect/aws/parse-event.ts'
import { demandOf } from '../collect/kernel/demand-of.ts'
import { mapAtOnce } from '../collect/kernel/map-at-once.ts'
import type { Severity } from '../core/severity.ts'
import { listGroup } from '../core/table-shape.ts'
import type { Verdict } from '../core/verdict.ts'
import type { AnyTable } from '../lake/define-table.ts'
import { columnsRead } from './columns-read.ts'
import { judgeReached } from './judge-marked.ts'
import { depthOf } from './name-unknown.ts'
import { type Collecting, type CollectingOptions, openCollecting } from './open-collecting.ts'
import type { Stance } from './open-stance.ts'
import { type ReadOutcome, readTouched } from './read-touched.ts'
import type { RunSettings } from './run-settings.ts'
import { SharedWrites } from './share-writes.ts'
import { staleAfterOf } from './stale-after.ts'
import { type Passed, Places, type Touched, touchedBy } from './touched-resources.ts'

export interface ApplyEventsOptions extends CollectingOptions {
  /** The wire to use, by who applies many batches; one is opened and closed where left out. */
  collecting?: Collecting
  signal?: AbortSignal
}

/** What became of one resource that events touched. */
export type AppliedResource = Pick<Touched, 'account_id' | 'table' | 'part' | 'native_id' | 'happened_at'> &
  (ReadOutcome | { outcome: Passed })

export interface ChangedFinding {
  account_id: string
  finding_id: string
  rule_id: string
  resource_key: string
  region: string
  /** As it is now; null: closed. */
  verdict: Verdict | null
  severity: Severity | null
}

export interface AppliedEvents {
  resources: AppliedResource[]
  /** Findings that opened, changed or closed; at most a thousand of them. */
  findings: ChangedFinding[]
  /** Entries that are no records of an audit log. */
  malformed: number
  /** Records that touch nothing that any table knows. */
  unrelated: number
  calls: number
  duration_ms: number
}

const resourcesAtOnce = 8
const mostFindings = 1000

/**
 * Reads again what entries of an audit log say has changed: each touched resource once, by itself, beside any scan;
 * then judges what depends on it. Never throws for what an entry says: they come from outside.
 */
export async function applyEvents(
  stance: Stance,
  options: ApplyEventsOptions,
  entries: readonly unknown[],
): Promise<AppliedEvents> {
  const began = performance.now()
  const events = entries.map(parseEvent)
  const records = events.filter((event) => event !== undefined)
  const touched = touchedBy(stance, records)
  const unrelated = records.filter((event) => touchedBy(stance, [event]).length === 0).length
  const read = touched.length === 0 ? nothing : await readAndJudge(stance, options, touched)
  return {
    ...read,
    malformed: entries.length - records.length,
    unrelated,
    duration_ms: Math.round(performance.now() - began),
  }
}

type Read = Pick<AppliedEvents, 'resources' | 'findings' | 'calls'>

const nothing: Read = { resources: [], findings: [], calls: 0 }

async function readAndJudge(
  stance: Stance,
  options: ApplyEventsOptions,
  touched: readonly Touched[],
): Promise<Read> {
  const since = stance.clock.now()
  const collecting = options.collecting ?? (await openCollecting(stance, options))
  const callsBefore = collecting.counter.summary().calls
  try {
    const resources = await readAll(stance, options, collecting, touched)
    const changed = resources.filter(({ outcome }) => outcome === 'changed' || outcome === 'gone')
    const judged = await judgeReached(stance, [...new Set(changed.map((one) => one.account_id))])
    return {
      resources,
      findings: await changedSince(stance, judged, since),
      calls: collecting.counter.summary().calls - callsBefore,
    }
  } finally {
    if (options.collecting === undefined) await collecting.close()
  }
}

async function readAll(
  stance: Stance,
  { settings, signal = new AbortController().signal }: ApplyEventsOptions,
  collecting: Collecting,
  touched: readonly Touched[],
): Promise<AppliedResource[]> {
  const places = await Places.open(stance, settings)
  const groupsOf = groupsWanted(stance, settings)
  const writes = new SharedWrites(stance.db, stance.deriveAll)
  const staleAfterMs = staleAfterOf(stance, settings)
  const read = async (one: Touched): Promise<AppliedResource> => {
    const { table, part, native_id, happened_at } = one
    const place = await places.of(one)
    const about = { table, part, native_id, happened_at }
    if (typeof place === 'string') return { ...about, account_id: one.account_id, outcome: place }
    const outcome = await readTouched(stance, one, place, {
      collecting,
      writes,
      signal,
      staleAfterMs,
      groupsOf,
    })
    return { ...about, account_id: place.account_id, ...outcome }
  }
  // A parent before its children, and what is named before who names it: a new one is known when they ask for it.
  const depths = Map.groupBy(touched, ({ table }) => depthOf(stance.registry.tables, table))
  const resources: AppliedResource[] = []
  for (const depth of [...depths.keys()].sort((a, b) => a - b))
    resources.push(...(await mapAtOnce(depths.get(depth) ?? [], resourcesAtOnce, read)))
  return resources
}

/** With inventory switched off, only what rules read. */
function groupsWanted(
  { registry, set }: Stance,
  settings: RunSettings,
): (table: AnyTable) => readonly string[] | undefined {
  if (settings.collect.inventory !== 'off') return () => undefined
  const demand = demandOf(registry, columnsRead(set))
  return ({ name }) =>
    [...(demand.get(name) ?? [])]
      .filter(([group, wanted]) => group !== listGroup && wanted === 'rule')
      .map(([group]) => group)
}

async function changedSince(
  { db }: Stance,
  accounts: readonly string[],
  since: Date,
): Promise<ChangedFinding[]> {
  const found: ChangedFinding[] = []
  for (const account_id of accounts) {
    found.push(
      ...(await db.query<ChangedFinding>(
        `select f.account_id, f.finding_id, f.rule_id, f.resource_key, f.region, f.verdict, f.severity
         from stance.finding f where f.account_id = $1::text and f.valid_from >= $2::timestamptz
         order by f.finding_id nulls last limit ${mostFindings}`,
        [account_id, since],
      )),
      ...(await db.query<ChangedFinding>(
        `select c.account_id, c.finding_id, c.rule_id, c.resource_key, c.region,
           cast(null as text) as verdict, cast(null as text) as severity
         from stance.finding_closed c where c.account_id = $1::text and c.closed_at >= $2::timestamptz
         order by c.finding_id nulls last limit ${mostFindings}`,
        [account_id, since],
      )),
    )
  }
  return found.slice(0, mostFindings)
}
