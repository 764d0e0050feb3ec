import { expect, it } from 'vitest'
import { loadGuideExamples } from '../../test/setup/guide-examples.ts'
import { eachEngine } from '../../test/setup/test-database.ts'
import { unitOfFact, unitOfRule } from './proofs/proof-unit.ts'
import { proveUnits } from './proofs/prove.ts'

const { examples, catalogue, set } = await loadGuideExamples()

it('the guide shows a rule of every shape, and a fact', () => {
  const texts = examples.filter(({ page }) => page === 'adding-a-rule.md').map(({ text }) => text)
  const shapes = {
    column: /^pass: [^(]+ in \(/m,
    child: /r\.resource_key = aws_security_group\.resource_key/,
    'must exist on a region': /^resource: aws_region$[\s\S]+exists/m,
    'cross-table': /b\.bucket_name = aws_lb\.access_logs_bucket/,
    'across accounts': /^across: accounts$/m,
    'time with a parameter': /now\(\) - :max_age_days/,
  }
  expect(texts).toHaveLength(Object.keys(shapes).length)
  for (const [name, shape] of Object.entries(shapes))
    expect(texts.filter((text) => shape.test(text)).length, name).toBe(1)
  expect(examples.filter(({ path }) => path.startsWith('facts/'))).toHaveLength(1)
})

eachEngine('examples of the guide', (database) => {
  it('are proven', async () => {
    const shown = new Set(examples.map(({ path }) => path))
    const units = [
      ...[...set.rules.values()].map(unitOfRule),
      ...set.facts.filter(({ fact }) => shown.has(fact.origin.file)).map(unitOfFact),
    ]
    expect(units).toHaveLength(examples.length)
    const report = await proveUnits(database().db, catalogue, units)
    expect(report.failing).toEqual([])
  })
})
