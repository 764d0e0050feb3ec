import type { Catalogue } from '../../core/table-shape.ts'
import { schemaWorld } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { compileTablePass, type PassRule } from '../language/compile-table-pass.ts'
import type { ParamValues } from '../language/params.ts'
import type { Variant } from './make-variants.ts'
import { mutantsOf } from './mutants.ts'
import type { ProofUnit } from './proof-unit.ts'

/** Gives each variant its verdict; answers the mutants that no proof notices. */
export async function judgeVariants(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  variants: readonly Variant[],
): Promise<Unnoticed> {
  const unnoticed: Unnoticed = new Map()
  for (const group of groupsOf(variants)) await judgeGroup(db, catalogue, schema, group, unnoticed)
  return unnoticed
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
export type Unnoticed = Map<ProofUnit, Set<string>>

async function judgeMutants(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  group: JudgedGroup,
  unit: ProofUnit,
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
export function mutatedUnits(unit: ProofUnit): { what: string; unit: ProofUnit }[] {
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

function passRule(unit: ProofUnit, slot: number, params: ParamValues): PassRule {
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
