import { StanceError } from '../../core/errors.ts'
import type { Catalogue } from '../../core/table-shape.ts'
import type { ParamValues } from '../language/params.ts'
import { masked, masksOf } from './mask-world.ts'
import type { Failing, ProofUnit } from './proof-unit.ts'
import { type ProofWorld, proofNow, tablesFor, worldOfProof } from './proof-world.ts'
import { randomSource } from './random-source.ts'
import { poolOf, randomWorld } from './random-world.ts'

export interface VariantOptions {
  /** Random worlds for each unit, with everything read; each is hidden in part a few times. */
  randomWorlds?: number
  masksEach?: number
  seed?: number
}

/** One world under an account of its own, and what is expected of it. */
export interface Variant {
  unit: ProofUnit
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

/** The worlds of a unit: its proofs, random ones, and each with something hidden; and the proofs that make none. */
export function makeVariants(
  catalogue: Catalogue,
  unit: ProofUnit,
  options: VariantOptions,
): { variants: Variant[]; failing: Failing[] } {
  const tables = neededTables(catalogue, unit)
  const random = randomSource((options.seed ?? 1) + unit.id.length * 7919)
  const variants: Variant[] = []
  const failing: Failing[] = []
  const addHidden = (whole: Variant, masksEach: number) => {
    const { unit, now, params } = whole
    const masks = masksOf(catalogue, whole.world)
    const hide = (...hidden: typeof masks) => {
      const name = `${whole.name}, without ${hidden.map(({ what }) => what).join(' and ')}`
      variants.push({ unit, now, params, whole, name, world: masked(whole.world, hidden) })
    }
    for (const mask of whole.expected === undefined ? [] : masks) hide(mask)
    for (let nr = 0; nr < masksEach && masks.length > 0; nr++)
      hide(...Array.from({ length: 1 + random.upTo(3) }, () => random.pick(masks)))
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
      failing.push({ unit: unit.id, kind: 'written', message: `${name}: ${error.message}` })
    }
  }
  const pool = poolOf(unit.pass.term, proofNow)
  for (let nr = 0; nr < (options.randomWorlds ?? 20); nr++) {
    const world = randomWorld(catalogue, unit.table, tables, pool, random)
    const whole: Variant = { unit, world, name: `random world ${nr + 1}`, now: proofNow, params: unit.params }
    variants.push(whole)
    addHidden(whole, options.masksEach ?? 6)
  }
  return { variants, failing }
}

const expectations = { p: 'pass', f: 'fail', '-': 'not applicable' }

/** What its conditions read, and what proofs may speak of. */
export function neededTables(catalogue: Catalogue, { table, pass, applies }: ProofUnit): string[] {
  const reads = [pass, ...(applies === undefined ? [] : [applies])].flatMap((one) => one.dependencies.reads)
  return tablesFor(catalogue, table, reads)
}
