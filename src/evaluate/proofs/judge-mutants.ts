import type { Catalogue } from '../../core/table-shape.ts'
import type { Database } from '../../db/database.ts'
import { type JudgedGroup, judge, keyOf, passOf, passRule, unitsOf } from './judge-variants.ts'
import { mutantsOf } from './mutants.ts'
import type { ProofUnit } from './proof-unit.ts'

/** What became of the mutants of one unit. */
export interface JudgedMutants {
  unit: ProofUnit
  all: number
  tried: number
  /** Those that no proof notices. */
  unnoticed: string[]
}

/** Characters of SQL: engines plan long statements in more than the square of their length. */
const mostInStatement = 250_000
/** Of one unit. Mutants of a long condition are as many as it has parts, and each is as long as all of it. */
const mostInAll = 6_000_000

/**
 * Which mutants of each unit no proof notices; proofs with a moment or parameters of their own are judged apart. Variants
 * have their verdicts. They are made and judged a few at a time, and of a condition that is too long for all of them
 * some are tried, evenly spread.
 */
export async function judgeMutants(
  db: Database,
  catalogue: Catalogue,
  schema: string,
  groups: readonly JudgedGroup[],
  report?: (done: number, all: number) => void,
): Promise<JudgedMutants[]> {
  const written = groups.flatMap((group) => {
    return unitsOf(group).flatMap((unit) => {
      const proofs = group.variants.filter((one) => one.unit === unit && one.expected !== undefined)
      return proofs.length === 0 ? [] : [{ unit, group, proofs }]
    })
  })
  const units = [...Map.groupBy(written, ({ unit }) => unit)].map(([unit, within]) => {
    const mutants = mutatedUnits(unit)
    const { group, proofs } = within[0]!
    const rule = passRule(unit, 1, group.params)
    const length = passOf(db, catalogue, schema, group, [rule], accountsOf(proofs)).length
    const chosen = spread(mutants, Math.max(1, Math.floor(mostInAll / length)))
    return { unit, within, all: mutants.length, chosen, length }
  })
  const all = units.reduce((sum, { chosen }) => sum + chosen.length, 0)
  let done = 0
  const judged: JudgedMutants[] = []
  for (const { unit, within, chosen, length, ...one } of units) {
    const unnoticed: string[] = []
    for (const batch of batchesOf(chosen, Math.max(1, Math.floor(mostInStatement / length)))) {
      let left = batch
      for (const { group, proofs } of within) {
        if (left.length === 0) break
        const rules = left.map(({ make }, at) => passRule(make(), at + 1, group.params))
        const verdicts = await judge(db, catalogue, schema, group, rules, accountsOf(proofs))
        left = left.filter((_, at) =>
          proofs.every((proof) => verdicts.get(keyOf(proof))?.[at] === proof.verdict),
        )
      }
      unnoticed.push(...left.map(({ what }) => what))
      done += batch.length
      report?.(done, all)
    }
    judged.push({ ...one, unit, tried: chosen.length, unnoticed })
  }
  return judged
}

function accountsOf(proofs: JudgedGroup['variants']): string[] {
  return proofs.map(({ world }) => world.judged.account_id)
}

interface MutatedUnit {
  /** Unlike that of every other. */
  what: string
  make: () => ProofUnit
}

/** The unit with one thing changed, for each thing that can be. */
function mutatedUnits(unit: ProofUnit): MutatedUnit[] {
  const { pass, applies } = unit
  const ofPass = mutantsOf(pass.term).map(({ what, make }) => ({
    what,
    make: () => ({ ...unit, pass: { ...pass, term: make() } }),
  }))
  const ofScope =
    applies === undefined
      ? []
      : mutantsOf(applies.term).map(({ what, make }) => ({
          what: `${what} (applies)`,
          make: () => ({ ...unit, applies: { ...applies, term: make() } }),
        }))
  const seen = new Map<string, number>()
  return [...ofPass, ...ofScope].map(({ what, make }) => {
    const before = seen.get(what) ?? 0
    seen.set(what, before + 1)
    return { what: before === 0 ? what : `${what}, no. ${before + 1}`, make }
  })
}

/** At most so many, from all over the list. */
function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list]
  return Array.from({ length: most }, (_, nr) => list[Math.floor((nr * list.length) / most)]!)
}

function batchesOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, nr) =>
    list.slice(nr * size, (nr + 1) * size),
  )
}
