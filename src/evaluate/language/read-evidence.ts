import type { Json } from '../../core/json.ts'
import type { Catalogue } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { Reader } from '../../db/database.ts'
import { bindCondition } from './bind-term.ts'
import type { CheckedCondition } from './check-condition.ts'
import type { PassRule } from './compile-table-pass.ts'
import type { TermValue } from './evaluate-term.ts'
import { type ExaminedRow, type ExaminedSubquery, RowExaminer, type RowKey, rowKey } from './examine-rows.ts'
import { type Unread, UnreadFinder } from './find-unread.ts'
import type { ParamValues } from './params.ts'
import { type ColumnTerm, canonical, sameRow, type Term } from './term.ts'
import { type Cause, isFact, traceUnknown } from './trace-unknown.ts'

/** Why a rule says what it says of a resource. */
export interface Evidence {
  /** What its conditions name of the resource, by column; null is what was not read. */
  columns: Record<string, Json>
  subqueries: SubqueryEvidence[]
  /** Of an unknown verdict: what it follows from. */
  unread: Unread[]
}

export interface SubqueryEvidence {
  form: 'exists' | 'count' | 'sum' | 'max' | 'min'
  table: string
  value: Json
  /** The rows that made it so: those that hold, then those of which it is not known; by key, 10 at most. */
  rows: WitnessRow[]
  more: boolean
}

export interface WitnessRow {
  account_id: string
  region: string
  /** The parent's, of a child row. */
  resource_key: string
  /** false: that it holds is not known. */
  certain: boolean
  columns: Record<string, Json>
  subqueries?: SubqueryEvidence[]
}

export interface EvidenceSource {
  reader: Reader
  catalogue: Catalogue
  world: World
  /** What now() is. */
  now: Date
  /** By `table.column`: an unknown fact is followed down to what it reads. */
  facts?: ReadonlyMap<string, { when: CheckedCondition; params?: ParamValues }>
}

/** The evidence of one rule for some resources of its table, by `evidenceKey`. */
export async function readEvidence(
  source: EvidenceSource,
  rule: Pick<PassRule, 'pass' | 'applies' | 'only' | 'never' | 'params'>,
  resources: readonly RowKey[],
): Promise<Map<string, Evidence>> {
  const { catalogue, world, reader, now } = source
  const bind = (condition: CheckedCondition) => bindCondition(condition, rule.params ?? {}, now)
  const scope = [rule.applies, rule.only, rule.never].filter((one) => one !== undefined).map(bind)
  const pass = bind(rule.pass)
  const table = rule.pass.table
  const listed: ColumnTerm[] = ['_listed', '_part'].map((name) => ({
    kind: 'column',
    type: 'text',
    row: 0,
    table,
    name,
    at: 0,
  }))
  const rows = await new RowExaminer(reader, catalogue, world).examine(
    [pass, ...scope, ...listed],
    table,
    resources,
  )
  const follower = new CauseFollower(source)
  const evidence = new Map<string, Evidence>()
  for (const row of rows.values()) {
    const applies = scope.flatMap((term) => traceUnknown(term, row, catalogue))
    const causes = applies.length > 0 ? applies : traceUnknown(pass, row, catalogue)
    const unlisted: Unread[] =
      row.columns.get('_listed') === true
        ? []
        : [{ table, account_id: row.account_id, part: partOf(row, catalogue), group: 'list' }]
    evidence.set(evidenceKey(row), {
      columns: columnsOf([pass, ...scope], row),
      subqueries: subqueriesOfRow(row),
      unread: unlisted.length > 0 ? unlisted : await follower.follow(causes),
    })
  }
  return evidence
}

function partOf(row: ExaminedRow, catalogue: Catalogue): string {
  const part = row.columns.get('_part')
  if (typeof part === 'string') return part
  return catalogue.get(row.table)?.parts === 'region' ? row.region : 'global'
}

export function evidenceKey({ account_id, resource_key }: RowKey): string {
  return rowKey({ account_id, resource_key })
}

function columnsOf(terms: readonly Term[], row: ExaminedRow): Record<string, Json> {
  const types = new Map<string, ColumnTerm['type']>()
  for (const term of terms.flatMap((one) => [...sameRow(one)]))
    if (term.kind === 'column') types.set(term.name, term.type)
  const names = [...types.keys()].sort()
  return Object.fromEntries(
    names.map((name) => [name, toJson(row.columns.get(name) ?? null, types.get(name))]),
  )
}

function subqueriesOfRow(row: ExaminedRow): SubqueryEvidence[] {
  return [...row.subqueries.values()].map((one) => ({
    form: one.sub.form,
    table: one.sub.table,
    value: toJson(one.value, one.sub.type),
    rows: one.witnesses.map(({ row: witness, holds }) => toWitness(one, witness, holds)),
    more: one.more,
  }))
}

function toWitness({ sub }: ExaminedSubquery, row: ExaminedRow, holds: true | null): WitnessRow {
  const { account_id, region, resource_key } = row
  const said = [
    sub.where,
    ...sub.keys.map((key) => key.inner),
    ...(sub.argument === undefined ? [] : [sub.argument]),
  ]
  const subqueries = subqueriesOfRow(row)
  return {
    account_id,
    region,
    resource_key,
    certain: holds === true,
    columns: columnsOf(said, row),
    ...(subqueries.length === 0 ? {} : { subqueries }),
  }
}

function toJson(value: TermValue, type: string | undefined): Json {
  if (type === 'timestamptz' && typeof value === 'number') return new Date(value).toISOString()
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

/** Follows causes to cells and groups; those of facts through the facts' own conditions. */
class CauseFollower {
  readonly #source: EvidenceSource
  readonly #unread: UnreadFinder
  readonly #facts = new Map<string, Promise<Unread[]>>()

  constructor(source: EvidenceSource) {
    this.#source = source
    this.#unread = new UnreadFinder(source.reader, source.catalogue, source.world)
  }

  async follow(causes: readonly Cause[]): Promise<Unread[]> {
    const found: Unread[] = []
    for (const cause of causes) {
      if (cause.kind === 'part') found.push(...(await this.#unread.behind(cause)))
      else if (isFact(cause.group)) found.push(...(await this.#fact(cause)))
      else found.push(groupBehind(cause, this.#source.catalogue))
    }
    const unique = new Map(found.map((one) => [canonical(one), one]))
    return [...unique.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one)
  }

  #fact(cause: Cause & { kind: 'column' }): Promise<Unread[]> {
    const key = JSON.stringify([cause.row.table, rowKey(cause.row), cause.column])
    let unread = this.#facts.get(key)
    if (unread === undefined) {
      unread = this.#askFact(cause)
      this.#facts.set(key, unread)
    }
    return unread
  }

  async #askFact({ row, column, group }: Cause & { kind: 'column' }): Promise<Unread[]> {
    const { facts, reader, catalogue, world, now } = this.#source
    const fact = facts?.get(`${row.table}.${column}`)
    const itself: Unread = {
      table: row.table,
      account_id: row.account_id,
      resource_key: row.resource_key,
      group,
    }
    if (fact === undefined) return [itself]
    const term = bindCondition(fact.when, fact.params ?? {}, now)
    const rows = await new RowExaminer(reader, catalogue, world).examine([term], row.table, [row])
    const examined = rows.get(rowKey({ account_id: row.account_id, resource_key: row.resource_key }))
    const below = examined === undefined ? [] : await this.follow(traceUnknown(term, examined, catalogue))
    return below.length > 0 ? below : [itself]
  }
}

/** A child row's columns come from its parent's group. */
function groupBehind({ row, group }: Cause & { kind: 'column' }, catalogue: Catalogue): Unread {
  const table = catalogue.get(row.table)?.parent ?? row.table
  return { table, account_id: row.account_id, resource_key: row.resource_key, group }
}
