import { TableRegistry } from '../collect/kernel/table-registry.ts'
import { sources, tables } from '../collect/tables.generated.ts'
import type { Clock } from '../core/clock.ts'
import { type Logger, silentLogger } from '../core/log.ts'
import { liveWorld } from '../core/world.ts'
import type { Database } from '../db/database.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { migrate } from '../db/migrate.ts'
import { deriveFacts } from '../evaluate/derive-facts.ts'
import { evidenceFinder } from '../evaluate/find-evidence.ts'
import type { Judge } from '../evaluate/judge-pending.ts'
import { loadFacts, loadRules } from '../evaluate/load-rules.ts'
import { markAll, markPending } from '../evaluate/mark-pending.ts'
import { buildRuleSet, type RuleSet, toRuleRecords } from '../evaluate/rule-set.ts'
import { changedFacts, forgetFacts, keepFacts } from '../evaluate/sync-facts.ts'
import type { OnBroken } from '../evaluate/unless-broken.ts'
import type { ScopeTables } from '../evaluate/unread-scopes.ts'
import { compareRules, syncRules } from '../findings/sync-rules.ts'
import { takeTurn } from '../lake/account-turn.ts'
import { buildCatalogue, type LakeCatalogue } from '../lake/catalogue.ts'
import type { AnyTable } from '../lake/define-table.ts'
import { ensureLake } from '../lake/ensure-lake.ts'
import { expectTables } from '../lake/expect-tables.ts'
import type { Derive } from '../lake/open-cell-write.ts'
import { reproject } from '../lake/reproject.ts'
import { forgetLostRows, keepProjections, projectionsChanged } from '../lake/sync-projections.ts'
import { type DeriveAll, deriveChanges } from './derive-changes.ts'
import { explainView, refusingViews } from './explain-view.ts'
import { sweepLeftovers } from './keep-house.ts'
import type { RunSettings } from './run-settings.ts'
import { shippedFacts, shippedRules } from './shipped-files.ts'
import { staleAfterOf } from './stale-after.ts'

/** Everything that is declared: tables, facts and rules, checked against each other. No database is needed. */
export interface Declared {
  registry: TableRegistry
  catalogue: LakeCatalogue
  set: RuleSet
}

/** A store that is ready: its tables are there, the rules are in it, and what they judge is brought up to date. */
export interface Stance extends Declared {
  db: Database
  judge: Judge
  derive: Derive
  deriveAll: DeriveAll
  clock: Clock
  logger: Logger
  opened: Opened
}

/** What the store lacked, and has since it was opened. */
export interface Opened {
  migrations: number
  /** Tables and views that are new or have new columns. */
  tables: string[]
  /** There were resources, and rules that are new or changed: those are judged wherever they apply, whatever is read. */
  has_new_rules: boolean
}

/** `onBroken` hears of rules that cannot be used, which are then left out; without it the first is thrown. */
export async function loadDeclared(settings: RunSettings['rules'], onBroken?: OnBroken): Promise<Declared> {
  const facts = await loadFacts([shippedFacts])
  const rules = await loadRules([shippedRules, ...settings.directories], onBroken)
  const registry = new TableRegistry(tables, sources)
  const columns = facts.map(({ table, column, title }) => ({
    table,
    column,
    type: 'boolean' as const,
    title,
  }))
  const catalogue = buildCatalogue(tables, columns)
  const hear: OnBroken | undefined = onBroken && ((error) => onBroken(explainView(error)))
  const set = refusingViews(() => buildRuleSet(catalogue.shapes, rules, facts, settings, hear))
  return { registry, catalogue, set }
}

export interface OpenStanceOptions {
  settings: RunSettings
  clock: Clock
  logger?: Logger
  declared?: Declared
  onProgress?: (what: string) => void
}

/**
 * Makes the store ready for writing: migrations, typed tables, what is new of them filled from documents or known to be
 * unread, rules and their slots. What follows from it for verdicts is marked, for whoever judges next.
 */
export async function openStance(db: Database, options: OpenStanceOptions): Promise<Stance> {
  const { clock, settings, logger = silentLogger } = options
  makeDirectory(settings.data_directory)
  const declared = options.declared ?? (await loadDeclared(settings.rules))
  const { catalogue, set } = declared
  const { ran } = await migrate(db)
  const lost = await forgetLostRows(db, catalogue)
  if (lost.length > 0) await db.transaction((tx) => forgetFacts(tx, lost), { label: 'lost facts' })
  const changes = await ensureLake(db, catalogue)
  const deriveAll = deriveChanges(set, clock)
  const derive: Derive = (tx, change) => deriveAll(tx, change.account_id, [change])
  const records = toRuleRecords(set)
  // Marked before the rules are kept: a process that dies between marks again, and loses nothing.
  const { changedTables } = await compareRules(db, records)
  const accounts = changedTables.length > 0 ? await accountsWithRows(db) : []
  if (changedTables.length > 0) {
    for (const account of accounts)
      await db.transaction((tx) => markAll(tx, account, changedTables, clock.now()))
  }
  const synced = await db.transaction((tx) => syncRules(tx, records), { label: 'rules' })
  const now = () => clock.now()
  const broken = new Set<string>()
  const judge: Judge = {
    set,
    slots: synced.slots,
    scopeTables: (provider) => scopeTablesOf(tables, provider),
    evidenceOf: evidenceFinder({ set, now, broken }),
    broken,
    now,
  }
  await sweepLeftovers(db, clock, settings.data_directory)
  const isChanged = await projectionsChanged(db, catalogue)
  if (isChanged) {
    await expectTables(db, catalogue, { clock, derive })
    const grown = changes.filter(({ created, newColumns }) => !created && newColumns.length > 0)
    if (grown.length > 0)
      options.onProgress?.(`filling ${grown.length} tables that have new columns from stored documents`)
    await reproject(db, catalogue, { clock, derive, staleAfterMs: staleAfterOf(declared, settings) })
  }
  await deriveChangedFacts(db, set, clock)
  if (isChanged) await db.transaction((tx) => keepProjections(tx, catalogue), { label: 'projections' })
  const opened: Opened = {
    migrations: ran.length,
    tables: changes.map(({ table }) => table),
    has_new_rules: accounts.length > 0,
  }
  return { ...declared, db, judge, derive, deriveAll, clock, logger, opened }
}

/** Facts whose condition is another than the one that was derived last are derived again, in every account. */
async function deriveChangedFacts(db: Database, set: RuleSet, clock: Clock): Promise<void> {
  const tables = await changedFacts(db, set)
  if (tables.length > 0) {
    const changed = tables.map((table) => ({ table, region: '*', keys: 'all' as const }))
    for (const account_id of await accountsWithRows(db)) {
      await db.transaction(async (tx) => {
        await takeTurn(tx, account_id)
        const now = clock.now()
        const all = await deriveFacts(tx, set, { world: liveWorld, account_id, changed, now })
        await markPending(tx, set, account_id, all, now)
      })
    }
  }
  await db.transaction((tx) => keepFacts(tx, set), { label: 'facts' })
}

async function accountsWithRows(db: Database): Promise<string[]> {
  const rows = await db.query<{ account_id: string }>(
    'select c.account_id from stance.cell c group by c.account_id order by c.account_id nulls last',
  )
  return rows.map(({ account_id }) => account_id)
}

/** The tables whose rows the planner makes; each provider has one for accounts and one for regions. */
function scopeTablesOf(all: readonly AnyTable[], provider: string): ScopeTables {
  const own = all.filter((table) => table.provider === provider)
  const named = (kind: AnyTable['planned']) => own.find(({ planned }) => planned === kind)?.name ?? ''
  const ofOrganization = own.filter(({ belongs_to }) => belongs_to === 'organization')
  return {
    account: named('account'),
    region: named('region'),
    organization: named('organization'),
    ofOrganization: new Set(ofOrganization.map(({ name }) => name)),
  }
}
