import { DuckDBInstance } from '@duckdb/node-api'
import { loadModule, parseSync } from 'libpg-query'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tables } from '../../src/collect/tables.generated.ts'
import { readMigrations } from '../../src/db/migration-files.ts'
import { primaryKeyOf } from '../../src/db/primary-key.ts'

const statements = readMigrations().flatMap(({ statements }) => statements)
const created = statements.flatMap(({ sql, table }) => (table === undefined ? [] : [{ sql, ...table }]))

const columnsOf = (sql: string) =>
  [...sql.matchAll(/^\s+"?([a-z_]\w*)"?\s+(?:text|boolean|bigint|double|timestamptz|json)\b/gm)].map(
    ([, name]) => name!,
  )

describe('our own tables', () => {
  it('that are distributed lie by account_id, and their key begins with it', () => {
    const distributed = created.filter(({ placement }) => placement === 'distributed')
    expect(distributed.length).toBeGreaterThan(5)
    for (const { name, sql, distributedBy } of distributed) {
      expect([name, distributedBy, primaryKeyOf(sql)[0]]).toEqual([name, 'account_id', 'account_id'])
    }
  })

  it('have account_id in every key, wherever they have it at all', () => {
    const without = created.filter(
      ({ sql }) => columnsOf(sql).includes('account_id') && !primaryKeyOf(sql).includes('account_id'),
    )
    expect(without.map(({ name }) => name)).toEqual([])
  })

  it('have it first in every index and unique constraint, too', () => {
    const placed = new Map(created.map(({ name, placement }) => [name, placement]))
    const wrong = statements.flatMap(({ sql }) => {
      const [, on, columns] =
        /create\s+(?:unique\s+)?index[\s\S]*?\bon\s+([\w.]+)[^(]*\(([^)]*)\)/i.exec(sql) ?? []
      const unique = [...sql.matchAll(/\bunique\s*\(([^)]*)\)/gi)].map(([, of]) => of!)
      const table = on ?? created.find((one) => one.sql === sql)?.name
      if (table === undefined || placed.get(table) !== 'distributed') return []
      const keys = [...(columns === undefined ? [] : [columns]), ...unique]
      return keys.filter((key) => !key.trim().startsWith('account_id')).map((key) => `${table} (${key})`)
    })
    expect(wrong).toEqual([])
  })
})

describe('names of tables and columns', () => {
  let instance: DuckDBInstance
  beforeAll(async () => {
    await loadModule()
    instance = await DuckDBInstance.create(':memory:')
  })
  afterAll(() => instance.closeSync())

  it('are reserved words of neither engine, so that nobody needs quotes', async () => {
    const own = created.flatMap(({ name, sql }) => [name.split('.')[1]!, ...columnsOf(sql)])
    const lake = tables.flatMap((table) => {
      const groups = Object.values(table.groups as Record<string, { columns: object }>)
      const children = Object.entries((table.children ?? {}) as Record<string, { columns: object }>)
      return [
        table.name,
        ...[table.list as { columns: object }, ...groups].flatMap(({ columns }) => Object.keys(columns)),
        ...children.flatMap(([name, { columns }]) => [name, ...Object.keys(columns)]),
      ]
    })
    const names = [...new Set([...own, ...lake])]
    expect(names.length).toBeGreaterThan(30)
    const connection = await instance.connect()
    const refused: string[] = []
    for (const name of names) {
      const uses = [
        `select ${name} from (select 1 as ${name}) as t where t.${name} = 1`,
        `select 1 from (select 1) as ${name}`,
      ]
      for (const sql of uses) {
        const bad = (() => {
          try {
            parseSync(sql)
            return false
          } catch {
            return true
          }
        })()
        const prepared = await connection.prepare(sql).catch(() => undefined)
        if (bad || prepared === undefined) refused.push(name)
        prepared?.destroySync()
      }
    }
    connection.closeSync()
    expect([...new Set(refused)]).toEqual([])
  })
})
