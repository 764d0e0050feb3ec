import { beforeAll, describe, expect, it } from 'vitest'
import { liveWorld } from '../../src/core/world.ts'
import { lintDistribution, loadDistributionLint } from '../../src/db/citus-lint/lint-distribution.ts'
import { createPlacementOf } from '../../src/db/placement.ts'
import { compileFactPass } from '../../src/evaluate/language/compile-fact-pass.ts'
import { compileTablePass } from '../../src/evaluate/language/compile-table-pass.ts'
import { readPath } from '../../src/evaluate/read-path.ts'
import { noSettings } from '../../src/evaluate/rule-set.ts'
import { loadDeclared } from '../../src/run/open-stance.ts'

const now = new Date('2026-01-01T00:00:00Z')
const restrictions = {
  'all accounts': {},
  'one account': { accountIds: ['111122223333'] },
  'one region of it': { accountIds: ['111122223333'], region: 'eu-west-1' },
  'one resource of it': { accountIds: ['111122223333'], resourceKeys: ['arn:aws:s3:::shop'] },
}

describe('every rule and fact runs on the shards of a Citus cluster', async () => {
  const { set } = await loadDeclared({ ...noSettings, directories: [] })
  const placementOf = createPlacementOf()
  beforeAll(() => loadDistributionLint())

  const shared = { world: liveWorld, engine: 'citus' as const, now, catalogue: set.catalogue }
  const rules = [...set.rules.values()].map(({ rule, pass, applies, params }) => ({
    name: rule.id,
    across: rule.across === 'accounts',
    compile: (restriction: object) =>
      compileTablePass({
        ...shared,
        table: rule.resource,
        restriction,
        rules: [{ slot: 1, id: rule.id, pass, params, ...(applies === undefined ? {} : { applies }) }],
      }),
  }))
  const facts = set.facts.map(({ fact, when, params }) => ({
    name: `${fact.table}.${fact.column}`,
    across: false,
    compile: (restriction: object) =>
      compileFactPass({
        ...shared,
        table: fact.table,
        restriction,
        facts: [{ column: fact.column, when, params }],
      }),
  }))

  it.each([...rules, ...facts])('$name', ({ across, compile }) => {
    for (const [what, restriction] of Object.entries(restrictions)) {
      const sql = compile(restriction)
      const written = `insert into stance.verdict (account_id, verdicts) select j.account_id, '' from (${sql}) j`
      for (const statement of [sql, written]) {
        const { verdict, reasons } = lintDistribution(statement, placementOf)
        const fine = verdict === 'push' || (across && verdict === 'pull')
        expect({ what, fine, reasons: fine ? [] : reasons }).toEqual({ what, fine: true, reasons: [] })
      }
    }
  })

  const ways = set.facts.filter(({ fact }) => fact.path !== undefined)

  it.each(ways.map(({ fact }) => ({ name: `${fact.table}.${fact.column}`, fact })))(
    'the path of $name',
    async ({ fact }) => {
      const sent: string[] = []
      const reader = {
        engine: 'citus' as const,
        query: async (sql: string) => {
          sent.push(sql)
          return []
        },
        stream: () => {
          throw new Error('a path is not streamed')
        },
      }
      const about = { account_id: '111122223333', resource_key: 'arn:aws:s3:::shop' }
      await readPath(reader, fact, { catalogue: set.catalogue, world: liveWorld, ...about })
      expect(sent).toHaveLength(1)
      expect(sent.flatMap((sql) => lintDistribution(sql, placementOf).reasons)).toEqual([])
    },
  )
})
