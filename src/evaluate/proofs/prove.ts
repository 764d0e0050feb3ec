import { StanceError } from '../../core/errors.ts'
import type { Catalogue, TableShape } from '../../core/table-shape.ts'
import { sqlColumns } from '../../core/table-shape.ts'
import { schemaWorld } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import type { LakeCatalogue } from '../../lake/catalogue.ts'
import { openScratchWorld, scratchCells } from '../../lake/materialize-world.ts'
import type { CheckedCondition } from '../language/check-condition.ts'
import { compileTablePass, type PassRule } from '../language/compile-table-pass.ts'
import type { ParamValues } from '../language/params.ts'
import type { Proof } from '../rule.ts'
import type { ReadyFact, ReadyRule } from '../rule-set.ts'
import { masked, masksOf } from './mask-world.ts'
import { mutantsOf } from './mutants.ts'
import { type ProofWorld, proofNow, tablesFor, underAccount, worldOfProof } from './proof-world.ts'
import { randomSource } from './random-source.ts'
import { poolOf, randomWorld } from './random-world.ts'

/** What is proven: a rule's verdict, or a fact's value as one (TRUE passes). */
export interface Unit {
  id: string
  table: string
  pass: CheckedCondition
  applies?: CheckedCondition
  params: ParamValues
  proofs: { expected: 'p' | 'f' | '-'; proof: Proof }[]
}

export interface Failing {
  unit: string
  /** Which of the four proofs it fails. */
  kind: 'written' | 'adequate' | 'sound' | 'live'
  message: string
}

export interface ProofReport {
  units: number
  /** Worlds judged, written, hidden and random ones. */
  worlds: number
  mutants: number
  failing: Failing[]
}

export interface ProveOptions {
  /** Random worlds for each unit, with everything read; each is hidden in part a few times. */
  randomWorlds?: number
  masksEach?: number
  seed?: number
}

export function unitOfRule({ rule, pass, applies, params }: ReadyRule): Unit {
  const of = (expected: 'p' | 'f' | '-', proofs: readonly Proof[]) =>
    proofs.map((proof) => ({ expected, proof }))
  return {
    id: rule.id,
    table: rule.resource,
    pass,
    params,
    ...(applies === undefined ? {} : { applies }),
    proofs: [
      ...of('p', rule.proofs.pass),
      ...of('f', rule.proofs.fail),
      ...of('-', rule.proofs.not_applicable),
    ],
  }
}

export function unitOfFact({ fact, when, params }: ReadyFact): Unit {
  const of = (expected: 'p' | 'f', proofs: readonly Proof[]) => proofs.map((proof) => ({ expected, proof }))
  return {
    id: `${fact.table}.${fact.column}`,
    table: fact.table,
    pass: when,
    params,
    proofs: [...of('p', fact.proofs.true), ...of('f', fact.proofs.false)],
  }
}

/** One world under an account of its own, and what is expected of it. */
interface Variant {
  unit: Unit
  world: ProofWorld
  /** For messages. */
  name: string
  expected?: 'p' | 'f' | '-'
  /** The variant in which everything was read; unknown or its verdict is right. */
  whole?: Variant
  now: Date
  params: ParamValues
  verdict?: string
}

/**
 * Proves rules and facts in one scratch store: each proof, each thing hidden from it and each random world becomes an
 * account of it, so that all of a table's are judged in one SELECT; mutants are further columns.
 */
export async function proveUnits(
  db: Database,
  catalogue: LakeCatalogue,
  units: readonly Unit[],
  options: ProveOptions = {},
): Promise<ProofReport> {
  const report: ProofReport = { units: units.length, worlds: 0, mutants: 0, failing: [] }
  const variants = units.flatMap((unit) => variantsOf(catalogue.shapes, unit, options, report))
  report.worlds = variants.length
  const tables = new Set(
    units
      .flatMap((unit) => neededTables(catalogue.shapes, unit))
      .filter((name) => catalogue.tables.has(name)),
  )
  const scratch = await openScratchWorld(db, catalogue, [...tables])
  try {
    await loadWorlds(db, catalogue.shapes, scratch.schema, variants)
    const unnoticed: Unnoticed = new Map()
    for (const group of groupsOf(variants))
      await judgeGroup(db, catalogue.shapes, scratch.schema, group, unnoticed)
    reportUnnoticed(unnoticed, report)
  } finally {
    await scratch.drop()
  }
  for (const variant of variants) judgeVariant(variant, report)
  return report
}

function neededTables(catalogue: Catalogue, { table, pass, applies }: Unit): string[] {
  const reads = [pass, ...(applies === undefined ? [] : [applies])].flatMap((one) => one.dependencies.reads)
  return tablesFor(catalogue, table, reads)
}

function variantsOf(catalogue: Catalogue, unit: Unit, options: ProveOptions, report: ProofReport): Variant[] {
  const tables = neededTables(catalogue, unit)
  const random = randomSource((options.seed ?? 1) + unit.id.length * 7919)
  const variants: Variant[] = []
  const addHidden = (whole: Variant, masksEach: number) => {
    const masks = masksOf(catalogue, whole.world)
    for (const mask of whole.expected === undefined ? [] : masks)
      variants.push({
        ...bare(whole),
        whole,
        name: `${whole.name}, without ${mask.what}`,
        world: masked(whole.world, [mask]),
      })
    for (let nr = 0; nr < masksEach && masks.length > 0; nr++) {
      const chosen = Array.from({ length: 1 + random.upTo(3) }, () => random.pick(masks))
      const what = chosen.map((mask) => mask.what).join(' and ')
      variants.push({
        ...bare(whole),
        whole,
        name: `${whole.name}, without ${what}`,
        world: masked(whole.world, chosen),
      })
    }
  }
  for (const [nr, { expected, proof }] of unit.proofs.entries()) {
    const name = proof.name ?? `proof ${nr + 1} (${expectations[expected]})`
    try {
      const world = worldOfProof(catalogue, unit.table, tables, proof)
      const params = { ...unit.params, ...(proof.params as ParamValues | undefined) }
      const whole: Variant = { unit, world, name, expected, now: proof.now ?? proofNow, params }
      variants.push(whole)
      addHidden(whole, 4)
    } catch (error) {
      if (!(error instanceof StanceError)) throw error
      report.failing.push({ unit: unit.id, kind: 'written', message: `${name}: ${error.message}` })
    }
  }
  const pool = poolOf(unit.pass.term, proofNow)
  for (let nr = 0; nr < (options.randomWorlds ?? 20); nr++) {
    const world = randomWorld(catalogue, unit.table, tables, pool, random)
    const whole: Variant = { unit, world, name: `random world ${nr + 1}`, now: proofNow, params: unit.params }
    variants.push(whole)
    addHidden(whole, options.masksEach ?? 6)
  }
  return variants
}

const expectations = { p: 'pass', f: 'fail', '-': 'not applicable' }

function bare({ unit, now, params }: Variant): Pick<Variant, 'unit' | 'now' | 'params'> {
  return { unit, now, params }
}

export async function loadWorlds(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  variants: readonly { world: ProofWorld }[],
): Promise<void> {
  const rows = new Map<string, ProofWorld['rows'] extends Map<string, infer R> ? R : never>()
  const cells: ProofWorld['cells'] = []
  for (const [nr, variant] of variants.entries()) {
    variant.world = underAccount(variant.world, `v${nr}`)
    for (const [table, own] of variant.world.rows) {
      const all = rows.get(table) ?? []
      all.push(...own)
      rows.set(table, all)
    }
    cells.push(...variant.world.cells)
  }
  await db.transaction(
    async (tx) => {
      for (const [table, all] of rows) {
        const columns = sqlColumns(catalogue.get(table) as TableShape)
        await tx.load(
          { table: `${schema}.${table}`, columns },
          all.map((row) => columns.map(({ name }) => row[name] ?? null)),
        )
      }
      await tx.load(
        scratchCells(schema),
        cells.map((cell) => [
          cell.account_id,
          cell.table_name,
          cell.part,
          cell.in_force ? 'ok' : 'denied',
          cell.in_force,
        ]),
      )
    },
    { label: 'proofs' },
  )
}

interface JudgedGroup {
  table: string
  now: Date
  params: ParamValues
  variants: Variant[]
}

/** Worlds that one SELECT can judge: of one table, at one moment, with one set of parameters. */
function groupsOf(variants: readonly Variant[]): JudgedGroup[] {
  const groups = new Map<string, JudgedGroup>()
  for (const variant of variants) {
    const own =
      Object.keys(variant.params).length === 0 ? '' : variant.unit.id + JSON.stringify(variant.params)
    const key = JSON.stringify([variant.unit.table, variant.now, own])
    const group = groups.get(key) ?? {
      table: variant.unit.table,
      now: variant.now,
      params: variant.params,
      variants: [],
    }
    group.variants.push(variant)
    groups.set(key, group)
  }
  return [...groups.values()]
}

async function judgeGroup(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  group: JudgedGroup,
  unnoticed: Unnoticed,
): Promise<void> {
  const units = [...new Set(group.variants.map(({ unit }) => unit))]
  const rules = units.map((unit, at) => passRule(unit, at + 1, group.params))
  const verdicts = await judge(db, catalogue, schema, group, rules)
  for (const variant of group.variants) {
    variant.verdict = verdicts.get(keyOf(variant))?.[units.indexOf(variant.unit)]
  }
  for (const unit of units) await judgeMutants(db, catalogue, schema, group, unit, unnoticed)
}

/** Mutants of a unit that no proof has noticed yet; proofs with a moment or parameters of their own are judged apart. */
type Unnoticed = Map<Unit, Set<string>>

async function judgeMutants(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  group: JudgedGroup,
  unit: Unit,
  unnoticed: Unnoticed,
): Promise<void> {
  const written = group.variants.filter((one) => one.unit === unit && one.expected !== undefined)
  if (written.length === 0) return
  const mutants = mutatedUnits(unit)
  const left = unnoticed.get(unit) ?? new Set(mutants.map(({ what }) => what))
  unnoticed.set(unit, left)
  if (mutants.length === 0) return
  const rules = mutants.map((mutant, at) => passRule(mutant.unit, at + 1, group.params))
  const accounts = written.map(({ world }) => world.judged.account_id)
  const verdicts = await judge(db, catalogue, schema, group, rules, accounts)
  for (const [at, { what }] of mutants.entries())
    if (written.some((one) => verdicts.get(keyOf(one))?.[at] !== one.verdict)) left.delete(what)
}

/** The unit with one thing changed, for each thing that can be; `what` is unlike that of every other. */
function mutatedUnits(unit: Unit): { what: string; unit: Unit }[] {
  const { pass, applies } = unit
  const ofPass = mutantsOf(pass.term).map(({ what, term }) => ({
    what,
    unit: { ...unit, pass: { ...pass, term } },
  }))
  const ofScope =
    applies === undefined
      ? []
      : mutantsOf(applies.term).map(({ what, term }) => ({
          what: `${what} (applies)`,
          unit: { ...unit, applies: { ...applies, term } },
        }))
  const seen = new Map<string, number>()
  return [...ofPass, ...ofScope].map(({ what, unit: mutant }) => {
    const before = seen.get(what) ?? 0
    seen.set(what, before + 1)
    return { what: before === 0 ? what : `${what}, no. ${before + 1}`, unit: mutant }
  })
}

function reportUnnoticed(unnoticed: Unnoticed, report: ProofReport): void {
  for (const [unit, left] of unnoticed) {
    report.mutants += mutatedUnits(unit).length
    for (const what of left) {
      const message = `${what}: no proof notices. Add one whose verdict hangs on it, or take it out.`
      report.failing.push({ unit: unit.id, kind: 'adequate', message })
    }
  }
}

function passRule(unit: Unit, slot: number, params: ParamValues): PassRule {
  return {
    slot,
    id: unit.id,
    pass: unit.pass,
    params,
    ...(unit.applies === undefined ? {} : { applies: unit.applies }),
  }
}

async function judge(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  { table, now }: JudgedGroup,
  rules: readonly PassRule[],
  accountIds?: readonly string[],
): Promise<Map<string, string>> {
  const sql = compileTablePass({
    table,
    rules,
    catalogue,
    world: schemaWorld(schema),
    engine: db.engine,
    now,
    ...(accountIds === undefined ? {} : { restriction: { accountIds } }),
  })
  const verdicts = new Map<string, string>()
  const mark = rules.some(({ pass }) => pass.across) ? '/* across: accounts */ ' : ''
  for await (const chunk of db.stream<{ account_id: string; resource_key: string; verdicts: string }>(
    `${mark}${sql}`,
  ))
    for (const row of chunk) verdicts.set(`${row.account_id}\n${row.resource_key}`, row.verdicts.slice(1))
  return verdicts
}

function keyOf({ world }: Variant): string {
  return `${world.judged.account_id}\n${world.judged.resource_key}`
}

function judgeVariant(variant: Variant, report: ProofReport): void {
  const { unit, expected, whole, name, verdict } = variant
  const fail = (kind: Failing['kind'], message: string) =>
    report.failing.push({ unit: unit.id, kind, message })
  if (whole !== undefined) {
    // Its row is gone with its cell: nothing is said of it.
    if (verdict === undefined || verdict === 'u' || verdict === whole.verdict) return
    fail('sound', `${name}: ${said(verdict)}, but ${said(whole.verdict)} with everything read.`)
    return
  }
  // A random text mostly names an account that no cell speaks of, and that is rightly unknown.
  const isElsewhere = unit.pass.across && expected === undefined
  if (verdict === 'u' && isElsewhere) return
  if (verdict === 'u') fail('live', `${name}: unknown, though everything was read.`)
  else if (expected !== undefined && verdict !== expected)
    fail('written', `${name}: ${said(verdict)}, and not ${said(expected)}.`)
}

function said(verdict: string | undefined): string {
  const words: Record<string, string> = { p: 'pass', f: 'fail', '-': 'not applicable', u: 'unknown' }
  return words[verdict ?? ''] ?? 'no verdict'
}
