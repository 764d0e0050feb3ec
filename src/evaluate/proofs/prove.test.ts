import { expect, it } from 'vitest'
import { eachEngine, oneEngine } from '../../../test/setup/test-database.ts'
import { loadDeclared } from '../../run/open-stance.ts'
import { noSettings } from '../rule-set.ts'
import { unitOfFact, unitOfRule } from './proof-unit.ts'
import { proveUnits } from './prove.ts'

eachEngine('every rule and fact is proven', (database) => {
  it('written, adequate, sound and live', { timeout: 240_000 }, async () => {
    const { catalogue, set } = await loadDeclared({ ...noSettings, directories: [] })
    const units = [...[...set.rules.values()].map(unitOfRule), ...set.facts.map(unitOfFact)]
    const report = await proveUnits(database().db, catalogue, units)
    expect(report.failing).toEqual([])
    expect(report.mutants_tried).toBe(report.mutants)
    expect(report.worlds).toBeGreaterThan(units.length * 20)
  })
})

eachEngine(
  'a long condition',
  (database) => {
    it('of a condition too long for all that can be altered in it, some is tried, in all of its parts', {
      timeout: 240_000,
    }, async () => {
      const { catalogue, set } = await loadDeclared({ ...noSettings, directories: [] })
      const { pass, ...unit } = unitOfRule(set.rules.get('aws-s3-bucket-keeps-versions')!)
      const others = Array.from({ length: 800 }, () => pass.term)
      const term = { kind: 'and' as const, type: 'boolean' as const, operands: others }
      const report = await proveUnits(database().db, catalogue, [{ ...unit, pass: { ...pass, term } }], {
        randomWorlds: 1,
      })
      expect(report.mutants).toBeGreaterThanOrEqual(1600)
      expect(report.mutants_tried).toBeGreaterThan(20)
      expect(report.mutants_tried).toBeLessThan(report.mutants)
      const unnoticed = report.failing.filter(({ kind }) => kind === 'adequate')
      // Of each there are 799 more.
      expect(unnoticed.length).toBeGreaterThan(report.mutants_tried / 4)
      expect(unnoticed.some(({ message }) => /no\. 7\d\d/.test(message))).toBe(true)
    })
  },
  { engines: oneEngine() },
)
