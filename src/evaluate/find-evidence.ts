import type { Json } from '../core/json.ts'
import { liveWorld } from '../core/world.ts'
import type { Reader } from '../db/database.ts'
import type { ChangedFinding, EvidenceOf } from '../findings/apply-finding-changes.ts'
import { confirmedFor, unconfirmedBehind } from './confirmed-for.ts'
import { type Evidence, evidenceKey, readEvidence } from './language/read-evidence.ts'
import { orItself, type ReasonOf } from './older-row.ts'
import { readPath } from './read-path.ts'
import { reasonsFor, reasonsOf } from './read-reason.ts'
import type { ReadyRule, RuleSet } from './rule-set.ts'
import { unnamedPart } from './unread-scopes.ts'

export interface EvidenceFinderOptions {
  set: RuleSet
  now: () => Date
  /** Rules that made the engine stop. */
  broken?: ReadonlySet<string>
}

/**
 * Evidence of findings as JSON: the columns that the rule names, the witness rows of its subqueries, and of an unknown
 * one what was not read, since when, who denied it, and the next step.
 */
export function evidenceFinder(options: EvidenceFinderOptions): EvidenceOf {
  return async (reader, findings) => {
    const found = new Map<string, Json>()
    const reasonOf = reasonsOf(reader)
    const isOnScope = await onScope(reader, findings)
    for (const [rule_id, own] of Map.groupBy(findings, (finding) => finding.rule_id)) {
      const ready = options.set.rules.get(rule_id)
      if (ready === undefined) continue
      for (const one of own.filter(isOnScope))
        found.set(one.finding_id, await withReasons(unreadCell(options.set, one), reasonOf))
      const rows = own.filter((one) => !isOnScope(one))
      if (rows.length === 0) continue
      for (const [id, evidence] of await evidenceOfRule(reader, options, ready, rows, reasonOf))
        found.set(id, evidence)
    }
    return found
  }
}

/**
 * Findings about an unread list stand on the scope's own resource, which is of another table than the rule's: there are
 * as many as there are rules where nothing can be read, and no row of the rule's table to look for.
 */
async function onScope(
  reader: Reader,
  findings: readonly ChangedFinding[],
): Promise<(finding: ChangedFinding) => boolean> {
  const tables = new Map<string, string>()
  const unknown = findings.filter(({ verdict }) => verdict === 'unknown')
  for (const [account_id, own] of Map.groupBy(unknown, (finding) => finding.account_id)) {
    const keys = [...new Set(own.map(({ resource_key }) => resource_key))]
    const rows = await reader.query<{ resource_key: string; table_name: string }>(
      `select r.resource_key, r.table_name from stance.resource r
       where r.account_id = $1::text and r.resource_key = any($2::text[])`,
      [account_id, keys],
    )
    for (const { resource_key, table_name } of rows) tables.set(`${account_id} ${resource_key}`, table_name)
  }
  return ({ account_id, resource_key, table_name }) => {
    const own = tables.get(`${account_id} ${resource_key}`)
    return own !== undefined && own !== table_name
  }
}

async function evidenceOfRule(
  reader: Reader,
  { set, now, broken }: EvidenceFinderOptions,
  ready: ReadyRule,
  findings: readonly ChangedFinding[],
  reasonOf: ReasonOf,
): Promise<Map<string, Json>> {
  const facts = new Map(
    set.facts.map(({ fact, when, params }) => [`${fact.table}.${fact.column}`, { when, params }]),
  )
  const source = { reader, catalogue: set.catalogue, now: now(), facts }
  const [unknown, definite] = [true, false].map((is) =>
    findings.filter(({ verdict }) => (verdict === 'unknown') === is),
  )
  const world = async () => {
    const accounts = new Set((unknown ?? []).map(({ account_id }) => account_id))
    const [only] = accounts.size === 1 ? accounts : []
    const { resource } = ready.rule
    const unconfirmed = await unconfirmedBehind(reader, set, [resource], only)
    return confirmedFor(set, resource, unconfirmed).confirmed ?? liveWorld
  }
  // What is kept, or about to be read, is why it is unknown.
  const evidence = new Map([
    ...(unknown?.length ? await readEvidence({ ...source, world: await world() }, ready, unknown) : []),
    ...(definite?.length ? await readEvidence({ ...source, world: liveWorld }, ready, definite) : []),
  ])
  const found = new Map<string, Json>()
  for (const finding of findings) {
    const own = evidence.get(evidenceKey(finding))
    if (broken?.has(ready.rule.id)) found.set(finding.finding_id, { rule_error: true })
    else if (own !== undefined) {
      const paths = await pathsOf(reader, set, finding, own)
      const unread = await orItself(reader, finding, await reasonsFor(own.unread, reasonOf), reasonOf)
      found.set(finding.finding_id, { ...own, ...paths, unread } as unknown as Json)
    } else found.set(finding.finding_id, await withReasons(unreadCell(set, finding), reasonOf))
  }
  return found
}

/** Of each fact that the rule names and that is TRUE: the rows that make it so. */
async function pathsOf(
  reader: Reader,
  set: RuleSet,
  { account_id, resource_key, table_name }: ChangedFinding,
  evidence: Evidence,
): Promise<{ paths?: Record<string, Json> }> {
  const paths: Record<string, Json> = {}
  for (const { fact } of set.facts) {
    if (fact.table !== table_name || evidence.columns[fact.column] !== true) continue
    const place = { catalogue: set.catalogue, world: liveWorld, account_id, resource_key }
    const rows = await readPath(reader, fact, place)
    if (rows.length > 0) paths[fact.column] = rows
  }
  return Object.keys(paths).length === 0 ? {} : { paths }
}

/** The finding stands on the scope's own resource: the table of the rule could not be listed there. */
function unreadCell(set: RuleSet, { account_id, table_name, region }: ChangedFinding): Evidence {
  const isRegional = set.catalogue.get(table_name)?.parts === 'region'
  // On the account's own row: regions that nobody could name.
  const regional = region === 'global' ? unnamedPart : region
  const part = isRegional ? regional : 'global'
  return { columns: {}, subqueries: [], unread: [{ table: table_name, account_id, part, group: 'list' }] }
}

async function withReasons(evidence: Evidence, reasonOf: ReasonOf): Promise<Json> {
  return { ...evidence, unread: await reasonsFor(evidence.unread, reasonOf) } as unknown as Json
}
