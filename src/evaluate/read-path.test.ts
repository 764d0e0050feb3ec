import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { openScratchWorld } from '../lake/materialize-world.ts'
import { loadDeclared } from '../run/open-stance.ts'
import { loadWorlds } from './proofs/load-worlds.ts'
import { worldOfProof } from './proofs/proof-world.ts'
import { readPath } from './read-path.ts'
import { noSettings } from './rule-set.ts'

eachEngine('the path of every fact', (database) => {
  it('has rows in each proof that it is true, and none where it is false', { timeout: 120_000 }, async () => {
    const { catalogue, set } = await loadDeclared({ ...noSettings, directories: [] })
    const { db } = database()
    const tables = [...catalogue.tables.keys()]
    const scratch = await openScratchWorld(db, catalogue, tables)
    const wrong: string[] = []
    try {
      const all = [...catalogue.shapes.keys()]
      const cases = set.facts.flatMap(({ fact }) =>
        [...fact.proofs.true, ...fact.proofs.false].map((proof) => ({
          fact,
          proof,
          holds: fact.proofs.true.includes(proof),
          world: worldOfProof(set.catalogue, fact.table, all, proof),
        })),
      )
      await loadWorlds(db, set.catalogue, scratch.schema, cases)
      for (const { fact, proof, holds, world } of cases) {
        const place = { catalogue: set.catalogue, world: scratch.world, ...world.judged }
        const rows = await readPath(db, fact, place)
        if (rows.length > 0 !== holds)
          wrong.push(`${fact.table}.${fact.column}: ${proof.name ?? 'a proof'}: ${rows.length} rows`)
      }
      expect(cases.length).toBeGreaterThan(8)
    } finally {
      await scratch.drop()
    }
    expect(wrong).toEqual([])
  })
})
