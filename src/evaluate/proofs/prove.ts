import type { Database } from '../../db/database.ts'
import type { LakeCatalogue } from '../../lake/catalogue.ts'
import { openScratchWorld } from '../../lake/materialize-world.ts'
import { type JudgedMutants, judgeMutants } from './judge-mutants.ts'
import { judgeVariants } from './judge-variants.ts'
import { loadWorlds } from './load-worlds.ts'
import { makeVariants, neededTables, type Variant, type VariantOptions } from './make-variants.ts'
import type { Failing, ProofUnit } from './proof-unit.ts'

export interface ProofReport {
  units: number
  /** Worlds judged, written, hidden and random ones. */
  worlds: number
  mutants: number
  /** Of very long conditions not all are. */
  mutants_tried: number
  failing: Failing[]
}

export interface ProveOptions extends VariantOptions {
  /** Told of altered conditions: so many of so many were tried. */
  report?: (done: number, all: number) => void
}

/**
 * Proves rules and facts in one scratch store: each proof, each thing hidden from it and each random world becomes an
 * account of it, so that all of a table's are judged in one SELECT; mutants are further columns.
 */
export async function proveUnits(
  db: Database,
  catalogue: LakeCatalogue,
  units: readonly ProofUnit[],
  options: ProveOptions = {},
): Promise<ProofReport> {
  const report: ProofReport = { units: units.length, worlds: 0, mutants: 0, mutants_tried: 0, failing: [] }
  const made = units.map((unit) => makeVariants(catalogue.shapes, unit, options))
  const variants = made.flatMap((one) => one.variants)
  report.failing.push(...made.flatMap(({ failing }) => failing))
  report.worlds = variants.length
  const tables = new Set(
    units
      .flatMap((unit) => neededTables(catalogue.shapes, unit))
      .filter((name) => catalogue.tables.has(name)),
  )
  const scratch = await openScratchWorld(db, catalogue, [...tables])
  try {
    await loadWorlds(db, catalogue.shapes, scratch.schema, variants)
    const { shapes } = catalogue
    const groups = await judgeVariants(db, shapes, scratch.schema, variants)
    reportMutants(await judgeMutants(db, shapes, scratch.schema, groups, options.report), report)
  } finally {
    await scratch.drop()
  }
  for (const variant of variants) compareVariant(variant, report)
  return report
}

function reportMutants(judged: readonly JudgedMutants[], report: ProofReport): void {
  for (const { unit, all, tried, unnoticed } of judged) {
    report.mutants += all
    report.mutants_tried += tried
    for (const what of unnoticed) {
      const message = `${what}: no proof notices. Add one whose verdict hangs on it, or take it out.`
      report.failing.push({ unit: unit.id, kind: 'adequate', message })
    }
  }
}

/** Is what was judged what is expected? */
function compareVariant(variant: Variant, report: ProofReport): void {
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
