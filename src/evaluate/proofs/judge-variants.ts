import type { Catalogue } from '../../core/table-shape.ts'
import { schemaWorld } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { compileTablePass, type PassRule } from '../language/compile-table-pass.ts'
import type { ParamValues } from '../language/params.ts'
import type { Variant } from './make-variants.ts'
import type { ProofUnit } from './proof-unit.ts'

/** Gives each variant its verdict. */
export async function judgeVariants(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  variants: readonly Variant[],
): Promise<JudgedGroup[]> {
  const groups = groupsOf(variants)
  for (const group of groups) {
    const units = unitsOf(group)
    const rules = units.map((unit, at) => passRule(unit, at + 1, group.params))
    const verdicts = await judge(db, catalogue, schema, group, rules)
    for (const variant of group.variants)
      variant.verdict = verdicts.get(keyOf(variant))?.[units.indexOf(variant.unit)]
  }
  return groups
}

export interface JudgedGroup {
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

export function unitsOf({ variants }: JudgedGroup): ProofUnit[] {
  return [...new Set(variants.map(({ unit }) => unit))]
}

export function passRule(unit: ProofUnit, slot: number, params: ParamValues): PassRule {
  return {
    slot,
    id: unit.id,
    pass: unit.pass,
    params,
    ...(unit.applies === undefined ? {} : { applies: unit.applies }),
  }
}

export async function judge(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  { table, now }: JudgedGroup,
  rules: readonly PassRule[],
  accountIds?: readonly string[],
): Promise<Map<string, string>> {
  const sql = passOf(db, catalogue, schema, { table, now }, rules, accountIds)
  const verdicts = new Map<string, string>()
  const mark = rules.some(({ pass }) => pass.across) ? '/* across: accounts */ ' : ''
  for await (const chunk of db.stream<{ account_id: string; resource_key: string; verdicts: string }>(
    `${mark}${sql}`,
  ))
    for (const row of chunk) verdicts.set(`${row.account_id}\n${row.resource_key}`, row.verdicts.slice(1))
  return verdicts
}

/** The statement that judges. */
export function passOf(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  { table, now }: Pick<JudgedGroup, 'table' | 'now'>,
  rules: readonly PassRule[],
  accountIds?: readonly string[],
): string {
  return compileTablePass({
    table,
    rules,
    catalogue,
    world: schemaWorld(schema),
    engine: db.engine,
    now,
    ...(accountIds === undefined ? {} : { restriction: { accountIds } }),
  })
}

export function keyOf({ world }: Variant): string {
  return `${world.judged.account_id}\n${world.judged.resource_key}`
}
