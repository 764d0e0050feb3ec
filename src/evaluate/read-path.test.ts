import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { openScratchWorld } from '../lake/materialize-world.ts'
import { loadDeclared } from '../run/open-stance.ts'
import { worldOfProof } from './proofs/proof-world.ts'
import { loadWorlds } from './proofs/prove.ts'
import { readPath } from './read-path.ts'
import { noSettings } from './rule-set.ts'

eachEngine('the path of every fact', (database) => {
  it('shows why the fact is true, in each proof of it', { timeout: 120_000 }, async () => {
    const { catalogue, set } = await loadDeclared({ ...noSettings, directories: [] })
    const { db } = database()
    const tables = [...catalogue.tables.keys()]
    const scratch = await openScratchWorld(db, catalogue, tables)
    const silent: string[] = []
    try {
      const all = [...catalogue.shapes.keys()]
      const cases = set.facts.flatMap(({ fact }) =>
        fact.proofs.true.map((proof) => ({
          fact,
          proof,
          world: worldOfProof(set.catalogue, fact.table, all, proof),
        })),
      )
      await loadWorlds(db, set.catalogue, scratch.schema, cases)
      for (const { fact, proof, world } of cases) {
        const place = { catalogue: set.catalogue, world: scratch.world, ...world.judged }
        const rows = await readPath(db, fact, place)
        if (rows.length === 0) silent.push(`${fact.table}.${fact.column}: ${proof.name ?? 'a proof'}`)
      }
      expect(cases.length).toBeGreaterThan(8)
    } finally {
      await scratch.drop()
    }
    expect(silent).toEqual([])
  })
})
