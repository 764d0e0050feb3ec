import { StanceError } from '../core/errors.ts'
import type { Severity } from '../core/severity.ts'
import type { Reader, Transaction } from '../db/database.ts'

/** What findings need to know of a rule; its text stays in its file. */
export interface RuleRecord {
  rule_id: string
  /** The oldest id that the rule ever had; finding ids and slots hang on it. */
  id_seed: string
  table_name: string
  service: string
  title: string
  severity_private: Severity
  severity_public: Severity
  enabled: boolean
  /** Changes when the condition, its parameters or its scope queries do: the rule is then judged anew. */
  fingerprint: string
}

export interface RuleSlot {
  slot: number
  rule_id: string
}

export interface SyncedRules {
  /** Slots of the enabled rules, by table. */
  slots: Map<string, RuleSlot[]>
  /** Tables whose rules are not those that were judged last: all of it is judged again. */
  changedTables: string[]
}

/**
 * Makes the stored rules those that are loaded now. A slot is given once and never to another rule; a rule that
 * went leaves its slot empty, so that its findings close at the next judgement.
 */
export async function syncRules(tx: Transaction, rules: readonly RuleRecord[]): Promise<SyncedRules> {
  const { all, changedTables, renamed, isRewritten } = await compareRules(tx, rules)
  for (const { from, to } of renamed) await renameFindings(tx, from, to)
  if (isRewritten) await writeRules(tx, all)
  for (const table of changedTables) await forgetExposure(tx, table)
  return { slots: await giveSlots(tx, all), changedTables }
}

export interface ComparedRules {
  /** Those that are loaded, and switched off those that went: their findings have to be closed under their name. */
  all: RuleRecord[]
  changedTables: string[]
  renamed: { from: string; to: string }[]
  isRewritten: boolean
}

/** What `syncRules` will do. Marks for the judge are made from it first, so that a crash between loses nothing. */
export async function compareRules(db: Reader, rules: readonly RuleRecord[]): Promise<ComparedRules> {
  const seeds = new Map<string, RuleRecord>()
  for (const rule of rules) {
    const twin = seeds.get(rule.id_seed)
    if (twin !== undefined) throw sameSeed(twin.rule_id, rule.rule_id)
    seeds.set(rule.id_seed, rule)
  }
  const stored = await db.query<RuleRecord>(
    `select rule_id, id_seed, table_name, service, title, severity_private, severity_public, enabled, fingerprint
     from stance.rule`,
  )
  const bySeed = new Map(stored.map((rule) => [rule.id_seed, rule]))
  const changedTables = new Set<string>()
  const renamed: ComparedRules['renamed'] = []
  let isRewritten = false
  for (const rule of rules) {
    const old = bySeed.get(rule.id_seed)
    if (old !== undefined && sameRule(old, rule)) continue
    isRewritten = true
    if (old === undefined || !judgedAlike(old, rule)) changedTables.add(rule.table_name)
    if (old !== undefined && old.table_name !== rule.table_name) changedTables.add(old.table_name)
    if (old !== undefined && old.rule_id !== rule.rule_id)
      renamed.push({ from: old.rule_id, to: rule.rule_id })
  }
  for (const old of stored) {
    if (seeds.has(old.id_seed)) continue
    isRewritten ||= old.enabled
    if (old.enabled) changedTables.add(old.table_name)
    seeds.set(old.id_seed, { ...old, enabled: false })
  }
  return { all: [...seeds.values()], changedTables: [...changedTables], renamed, isRewritten }
}

function sameRule(a: RuleRecord, b: RuleRecord): boolean {
  return judgedAlike(a, b) && a.rule_id === b.rule_id && a.title === b.title && a.service === b.service
}

function judgedAlike(a: RuleRecord, b: RuleRecord): boolean {
  return (
    a.fingerprint === b.fingerprint &&
    a.table_name === b.table_name &&
    a.enabled === b.enabled &&
    a.severity_private === b.severity_private &&
    a.severity_public === b.severity_public
  )
}

async function renameFindings(tx: Transaction, from: string, to: string): Promise<void> {
  for (const table of ['finding', 'finding_history', 'finding_closed', 'finding_event'])
    await tx.run(`update stance.${table} set rule_id = $2::text where rule_id = $1::text`, [from, to])
}

/** So that the next judgement looks at every finding of the table: severities may differ under equal verdicts. */
async function forgetExposure(tx: Transaction, table: string): Promise<void> {
  await tx.run(
    `update stance.verdict set verdicts = '!' || substr(verdicts, 2) where table_name = $1::text and verdicts <> ''`,
    [table],
  )
}

async function writeRules(tx: Transaction, rules: readonly RuleRecord[]): Promise<void> {
  await tx.run('delete from stance.rule')
  await tx.load(
    { table: 'stance.rule', columns: ruleColumns },
    rules.map((rule) => ruleColumns.map(({ name }) => rule[name])),
  )
}

const ruleColumns = [
  { name: 'rule_id', type: 'text' },
  { name: 'id_seed', type: 'text' },
  { name: 'table_name', type: 'text' },
  { name: 'service', type: 'text' },
  { name: 'title', type: 'text' },
  { name: 'severity_private', type: 'text' },
  { name: 'severity_public', type: 'text' },
  { name: 'enabled', type: 'boolean' },
  { name: 'fingerprint', type: 'text' },
] as const

async function giveSlots(tx: Transaction, rules: readonly RuleRecord[]): Promise<Map<string, RuleSlot[]>> {
  const given = await tx.query<{ table_name: string; slot: number; id_seed: string }>(
    'select table_name, slot, id_seed from stance.rule_slot',
  )
  const slotOf = new Map(given.map((row) => [`${row.table_name} ${row.id_seed}`, row.slot]))
  const last = new Map<string, number>()
  for (const row of given) last.set(row.table_name, Math.max(last.get(row.table_name) ?? 0, row.slot))
  const fresh: [string, number, string][] = []
  const slots = new Map<string, RuleSlot[]>()
  for (const rule of rules.toSorted((a, b) => (a.id_seed < b.id_seed ? -1 : 1))) {
    let slot = slotOf.get(`${rule.table_name} ${rule.id_seed}`)
    if (slot === undefined) {
      slot = (last.get(rule.table_name) ?? 0) + 1
      last.set(rule.table_name, slot)
      fresh.push([rule.table_name, slot, rule.id_seed])
    }
    const list = slots.get(rule.table_name) ?? []
    slots.set(rule.table_name, list)
    if (rule.enabled) list.push({ slot, rule_id: rule.rule_id })
  }
  if (fresh.length > 0) await tx.load({ table: 'stance.rule_slot', columns: slotColumns }, fresh)
  return slots
}

const slotColumns = [
  { name: 'table_name', type: 'text' },
  { name: 'slot', type: 'bigint' },
  { name: 'id_seed', type: 'text' },
] as const

function sameSeed(a: string, b: string): StanceError {
  return new StanceError('RULE_SAME_ID', `Rules ${a} and ${b} have the same id, now or formerly.`, {
    next: 'Rename one of them, or take the id out of its `formerly:` list.',
  })
}
