import { StanceError } from '../core/errors.ts'
import type { Severity } from '../core/severity.ts'
import type { State } from '../core/state.ts'
import type { Verdict } from '../core/verdict.ts'
import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'
import { noSettings } from '../evaluate/rule-set.ts'
import type { ContentMap } from '../lake/group-state.ts'
import { getResource } from '../lake/read-resources.ts'
import { type ResourceVersion, resourceHistory } from '../lake/resource-history.ts'
import { loadDeclared } from './open-stance.ts'

export interface GroupShown {
  group_name: string
  state: State
  in_force: boolean
  since: string
  read_at: string
  /** When its content was last read; missing where it never was. */
  ok_at: string | null
  code: string
  action: string
  denied_by: string
  next: string
}

export interface ResourceFinding {
  finding_id: string
  rule_id: string
  title: string
  verdict: Verdict
  severity: Severity
  severity_max: Severity
  since: Date
}

export interface ResourceShown {
  account_id: string
  resource_key: string
  table_name: string
  region: string
  native_id: string
  name: string
  owner_account_id: string
  in_force: boolean
  /** When the cell that vouches for it was last read whole; null: never. */
  ok_at: Date | null
  first_seen: Date
  /** null: it is still there. */
  deleted_at: Date | null
  tags: Record<string, string> | null
  groups: GroupShown[]
  /** The provider's JSON per group; null where it says "not configured". */
  document: ContentMap
  findings: ResourceFinding[]
  /** Newest first. */
  history: ResourceVersion[]
}

interface Candidate {
  account_id: string
  resource_key: string
  table_name: string
  region: string
  name: string
  deleted_at: Date | null
}

export interface ResourceNarrowing {
  accounts?: readonly string[]
  tables?: readonly string[]
  regions?: readonly string[]
}

/** One resource by its key, native id or name, with document, findings, history and how each group was read. */
export async function showResource(
  db: Reader,
  text: string,
  narrowing: ResourceNarrowing,
): Promise<ResourceShown> {
  const found = await findOne(db, text, narrowing)
  const { account_id, resource_key } = found
  const { catalogue } = await loadDeclared({ ...noSettings, directories: [] })
  const { versions } = await resourceHistory(db, catalogue, account_id, resource_key)
  const findings = await db.query<ResourceFinding>(
    `select f.finding_id, f.rule_id, coalesce(r.title, f.rule_id) as title, f.verdict, f.severity, f.severity_max, f.since
     from stance.finding f left join stance.rule r on r.rule_id = f.rule_id
     where f.account_id = $1::text and f.resource_key = $2::text
     order by case f.verdict when 'fail' then 0 when 'unknown' then 1 else 2 end nulls last,
       case f.severity_max when 'critical' then 0 when 'high' then 1 when 'medium' then 2 when 'low' then 3 else 4 end
         nulls last,
       f.rule_id collate "C" nulls last`,
    [account_id, resource_key],
  )
  const known = await getResource(db, account_id, resource_key)
  const [cell] = await db.query<{ ok_at: Date | null }>(
    `select c.ok_at from stance.resource x
     join stance.cell c on c.account_id = x.account_id and c.table_name = x.table_name and c.part = x.part
     where x.account_id = $1::text and x.resource_key = $2::text`,
    [account_id, resource_key],
  )
  const last = versions[0]
  const [before] =
    known === undefined
      ? await db.query<{ tags: string | null }>(
          `select tags from stance.resource_version where account_id = $1::text and resource_key = $2::text
           order by valid_from desc nulls last limit 1`,
          [account_id, resource_key],
        )
      : []
  const tags = known?.tags ?? before?.tags
  const [gone] = await db.query<{ region: string; native_id: string; first_seen: Date }>(
    `select region, native_id, first_seen from stance.tombstone
     where account_id = $1::text and resource_key = $2::text order by deleted_at desc nulls last limit 1`,
    [account_id, resource_key],
  )
  return {
    account_id,
    resource_key,
    table_name: found.table_name,
    region: known?.region ?? gone?.region ?? '',
    native_id: known?.native_id ?? gone?.native_id ?? '',
    name: found.name,
    owner_account_id: known?.owner_account_id ?? account_id,
    in_force: known?.in_force ?? false,
    ok_at: cell?.ok_at ?? null,
    first_seen: known?.first_seen ?? gone?.first_seen ?? last?.valid_from ?? new Date(0),
    deleted_at: known === undefined ? found.deleted_at : null,
    tags: tags == null ? null : (JSON.parse(tags) as Record<string, string>),
    groups: Object.entries(known?.state ?? {})
      .filter(([name]) => !name.includes('#'))
      .map(([group_name, state]) => ({
        group_name,
        state: state.state,
        in_force: state.in_force,
        since: state.since,
        read_at: state.read_at,
        ok_at: state.ok_at ?? null,
        code: state.failure?.code ?? '',
        action: state.failure?.action ?? '',
        denied_by: state.failure?.denied_by ?? '',
        next: state.failure?.next ?? '',
      })),
    document: known?.content ?? last?.content ?? {},
    findings,
    history: versions,
  }
}

async function findOne(
  db: Reader,
  text: string,
  { accounts, tables, regions }: ResourceNarrowing,
): Promise<Candidate> {
  const asked = new Conditions()
  const sought = `${asked.param(text)}::text`
  asked
    .add(`(resource_key = ${sought} or native_id = ${sought} or name = ${sought})`)
    .among({ account_id: accounts, table_name: tables, region: regions })
  const live = await db.query<Candidate>(
    `select account_id, resource_key, table_name, region, name, cast(null as timestamptz) as deleted_at from stance.resource
     where ${asked.sql} order by account_id nulls last, resource_key collate "C" nulls last limit ${mostAlike + 1}`,
    asked.params,
  )
  if (live.length > 1) throw several(text, live)
  if (live[0] !== undefined) return live[0]
  const gone = await db.query<Candidate>(
    `select account_id, resource_key, table_name, max(region) as region, max(name) as name, max(deleted_at) as deleted_at from stance.tombstone
     where ${asked.sql} group by account_id, resource_key, table_name
     order by account_id nulls last, resource_key collate "C" nulls last limit ${mostAlike + 1}`,
    asked.params,
  )
  if (gone.length > 1) throw several(text, gone)
  if (gone[0] !== undefined) return gone[0]
  if ((accounts ?? tables ?? regions) !== undefined) {
    const elsewhere = await findOne(db, text, {}).catch((error: unknown) => error)
    if (!(elsewhere instanceof StanceError)) throw notThere(text, elsewhere as Candidate)
    if (elsewhere.code === 'RESOURCE_AMBIGUOUS') throw elsewhere
  }
  throw new StanceError('RESOURCE_NOT_FOUND', `There is no resource with the key, id or name "${text}".`, {
    next: `Look for it with \`stance resources --name ${text.replace(/[^\w.:/@-]/g, '')}\`.`,
  })
}

/** There is one; only the narrowing is wrong. */
function notThere(text: string, { account_id, table_name, region }: Candidate): StanceError {
  return new StanceError(
    'RESOURCE_NOT_FOUND',
    `"${text}" is not there: it is of ${table_name} in account ${account_id} (${region}).`,
    { next: 'Name those, or leave out --account, --table and --region.' },
  )
}

/** Of one name; beyond that nobody chooses from a list. */
const mostAlike = 200
const mostNamed = 9

function several(text: string, found: readonly Candidate[]): StanceError {
  const lines = found
    .slice(0, mostNamed)
    .map(({ table_name, account_id, resource_key }) => `${table_name} in ${account_id}: ${resource_key}`)
  const left = found.length - mostNamed
  if (left > 0) lines.push(found.length > mostAlike ? 'and many more' : `and ${left} more`)
  const flags = flagsThatTell(found)
  const narrow = flags === '' ? '' : `, or narrow with ${flags}`
  const rest =
    left > 0 ? `; \`stance resources --name ${text.replace(/[^\w.:/@-]/g, '')}\` has all of them` : ''
  return new StanceError(
    'RESOURCE_AMBIGUOUS',
    [`Several resources are called "${text}":`, ...lines].join('\n'),
    { next: `Name it by its key${narrow}${rest}.` },
  )
}

/** The options that leave one of them: any of some, or all of some; '' where none do. */
function flagsThatTell(found: readonly Candidate[]): string {
  if (found.length > mostAlike) return ''
  const tells = (of: (one: Candidate) => string) => new Set(found.map(of)).size === found.length
  const all: readonly [flag: string, of: (one: Candidate) => string][] = [
    ['--account', (one) => one.account_id],
    ['--table', (one) => one.table_name],
    ['--region', (one) => one.region],
  ]
  const alone = all.filter(([, of]) => tells(of)).map(([flag]) => flag)
  if (alone.length > 0) return alone.join(' or ')
  const differing = all.filter(([, of]) => new Set(found.map(of)).size > 1)
  const together = tells((one) => JSON.stringify(differing.map(([, of]) => of(one))))
  return together ? differing.map(([flag]) => flag).join(' and ') : ''
}
