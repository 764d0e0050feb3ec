import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { ensureTables, type TableShape } from './ensure-tables.ts'

const bucket: TableShape = {
  schema: 'lake',
  name: 'aws_s3_bucket',
  columns: [
    { name: 'account_id', type: 'text' },
    { name: 'resource_key', type: 'text' },
    { name: '_listed', type: 'boolean' },
    { name: 'size', type: 'bigint' },
    { name: 'share', type: 'double' },
    { name: 'created_at', type: 'timestamptz' },
  ],
  key: ['account_id', 'resource_key'],
  placement: 'distributed',
}
const wider: TableShape = { ...bucket, columns: [...bucket.columns, { name: 'region', type: 'text' }] }
const region: TableShape = {
  schema: 'stance',
  name: 'region',
  columns: [
    { name: 'name', type: 'text' },
    { name: 'document', type: 'json' },
  ],
  key: ['name'],
  placement: 'reference',
}

eachEngine('ensureTables', (database) => {
  it('makes tables and columns that are missing and says which', async () => {
    const { db } = database()
    const names = bucket.columns.map((column) => column.name)
    expect(await ensureTables(db, [bucket, region])).toEqual([
      { table: 'lake.aws_s3_bucket', created: true, newColumns: names },
      { table: 'stance.region', created: true, newColumns: ['name', 'document'] },
    ])
    expect(await ensureTables(db, [bucket, region])).toEqual([])
    await db.transaction((tx) =>
      tx.run(`insert into lake.aws_s3_bucket (account_id, resource_key) values ('1', 'a')`),
    )
    expect(await ensureTables(db, [wider, region])).toEqual([
      { table: 'lake.aws_s3_bucket', created: false, newColumns: ['region'] },
    ])
    expect(await ensureTables(db, [bucket])).toEqual([])
    expect(await db.query('select account_id, region from lake.aws_s3_bucket')).toEqual([
      { account_id: '1', region: null },
    ])
  })

  it('gives several workers that start at once one table', async () => {
    const { db } = database()
    const many = Array.from({ length: 10 }, (_, at) => ({ ...bucket, name: `aws_${at}` }))
    const changes = await Promise.all([
      ensureTables(db, many),
      ensureTables(db, many),
      ensureTables(db, many),
    ])
    expect(changes.flat()).toHaveLength(10)
  })

  it('refuses a shape that could not be distributed', async () => {
    const { db } = database()
    const wrong = ensureTables(db, [{ ...bucket, name: 'x', key: ['resource_key'] }])
    await expect(wrong).rejects.toMatchObject({ code: 'DB_TABLE_INVALID' })
  })
})
