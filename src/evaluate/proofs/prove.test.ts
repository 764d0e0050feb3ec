import { expect, it } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
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
    expect(report.worlds).toBeGreaterThan(units.length * 20)
  })
})
