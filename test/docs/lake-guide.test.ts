import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { tables } from '../../src/collect/tables.generated.ts'
import { buildCatalogue } from '../../src/lake/catalogue.ts'
import { ensureLake } from '../../src/lake/ensure-lake.ts'
import { eachEngine } from '../setup/test-database.ts'

const guide = await readFile(join(root, 'docs/guide/lake.md'), 'utf8')
const examples = [...guide.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql!)

eachEngine(
  'the examples of the lake guide',
  (database) => {
    beforeAll(async () => {
      await ensureLake(database().db, buildCatalogue(tables))
    })

    it('are there', () => {
      expect(examples.length).toBeGreaterThan(4)
    })

    it.each(examples)('run: %s', async (sql) => {
      // Views are found by name alone, as `stance query` and BI tools find them.
      const qualified = sql.replace(/\b(from|join) (?=[a-z])/g, '$1 public.')
      const lint = '/* pull: an example for people, over all accounts */\n'
      expect(await database().db.query(lint + qualified)).toEqual([])
    })
  },
  { migrated: true },
)
