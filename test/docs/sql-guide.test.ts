import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { tables } from '../../src/collect/tables.generated.ts'
import { aggregateFunctions, stringAgg, windowFunctions } from '../../src/db/sandbox/aggregate-functions.ts'
import { openReader } from '../../src/db/sandbox/open-reader.ts'
import { defaultGrantSql, readerSql } from '../../src/db/sandbox/reader-sql.ts'
import { scalarFunctions } from '../../src/db/sandbox/scalar-functions.ts'
import { specialForms } from '../../src/db/sandbox/special-forms.ts'
import { buildCatalogue } from '../../src/lake/catalogue.ts'
import { ensureLake } from '../../src/lake/ensure-lake.ts'
import { queryRelations } from '../../src/run/open-query-reader.ts'
import { runQuery } from '../../src/run/run-query.ts'
import { eachEngine, freshDatabase } from '../setup/test-database.ts'

const read = (name: string) => readFile(join(root, `docs/guide/${name}`), 'utf8')
const guide = await read('sql.md')
const sqlBlocks = (text: string) => [...text.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql!)
const blocks = sqlBlocks(guide)
const queries = [...blocks, ...sqlBlocks(await read('lake.md'))].filter((sql) => /^(select|with)/.test(sql))
const statements = blocks
  .filter((sql) => !queries.includes(sql))
  .flatMap((sql) => sql.split(';\n').filter((one) => one !== ''))

eachEngine(
  'the examples of the guides',
  (database) => {
    beforeAll(async () => {
      await ensureLake(database().db, buildCatalogue(tables))
    })
    const ask = (sql: string) => {
      const { db, options } = database()
      return runQuery(db, { url: options.url, memory_limit: 'automatic' }, sql, { rows: 100, seconds: 30 })
    }

    it('are there', () => {
      expect(queries.length).toBeGreaterThan(9)
      expect(statements.length).toBeGreaterThan(8)
    })

    it.each(queries)('can be asked: %s', async (sql) => {
      const { rows } = await ask(sql)
      for await (const chunk of rows) expect(chunk).toEqual([])
    })

    it('know every view of our own with its columns, their types and what they mean', async () => {
      const typed = new Set(buildCatalogue(tables).shapes.keys())
      const views = (await queryRelations(database().db))
        .map(({ name, columns }) => ({ name: name.replace(/^public\./, ''), columns }))
        .filter(({ name }) => !typed.has(name))
      expect(views.length).toBeGreaterThan(9)
      const documented = [...guide.matchAll(/^### (\w+)$(.*?)(?=^### |^<!--)/gms)].map(([, name, body]) => {
        const rows = [...body!.matchAll(/^\| `(\w+)` \| (\w+) \| (\S.*) \|$/gm)]
        return { name, columns: rows.map(([, column, type]) => ({ name: column, type })) }
      })
      expect(documented).toEqual(views.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    })

    it('and the first one too', async () => {
      const [, sql] = /stance query "(.*)"/.exec(guide)!
      const { columns } = await ask(sql!)
      expect(columns.map(({ name }) => name)).toEqual(['region', 'count'])
    })
  },
  { migrated: true },
)

describe('the guide', () => {
  it('names every function, and no other', () => {
    const forms = [scalarFunctions, specialForms, aggregateFunctions, { stringAgg }, windowFunctions].flatMap(
      (list) => Object.values(list).map(({ form, does }) => `| \`${form}\` | ${does} |`),
    )
    const [, listed] = /^## Functions$(.*?)^## /ms.exec(guide)!
    const lines = listed!.split('\n').filter((line) => line.startsWith('| `'))
    expect(lines).toEqual([...new Set(forms)])
  })

  it('has the SQL that an error prints where a login is wanted', () => {
    const wanted = [...readerSql(), defaultGrantSql()].map((sql) => sql.slice(0, -1))
    expect(statements.map((sql) => sql.replace(/;\s*$/, '')).toSorted()).toEqual(wanted.toSorted())
  })

  it('makes a login that reads views and nothing else', async () => {
    const { db, options, drop } = await freshDatabase('postgres', { migrated: true })
    await ensureLake(db, buildCatalogue(tables))
    const role = `guide_${process.pid}`
    for (const sql of statements) {
      await db.transaction((tx) =>
        tx.run(sql.replaceAll('stance_reader', role).replace('choose a long one', 'a long one')),
      )
    }
    const url = Object.assign(new URL(options.url!), { username: role, password: 'a%20long%20one' }).href
    const reader = await openReader(url)
    expect(await reader.query('select count(*) as n from aws_s3_bucket')).toEqual([{ n: 0 }])
    await expect(reader.query('select * from lake.aws_s3_bucket')).rejects.toMatchObject({
      code: 'DB_PERMISSION',
    })
    await expect(reader.query('select * from stance.finding')).rejects.toMatchObject({
      code: 'DB_PERMISSION',
    })
    await reader.close()
    await db.transaction(async (tx) => {
      await tx.run(`drop owned by ${role}`)
      await tx.run(`drop role ${role}`)
    })
    await drop()
  })
})
