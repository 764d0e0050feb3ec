import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { applyChanges, type ChangeShape, clearChanges } from './changes.ts'
import type { Database, Value } from './database.ts'
import { migrate } from './migrate.ts'
import { parseMigration } from './migration-files.ts'

const tables = parseMigration(
  '9001-things.sql',
  `
-- placement: distributed by account_id
create table stance.thing_stage (account_id text, batch text, resource_key text, region text, words text, document json,
  seen_at timestamptz, primary key (account_id, batch, resource_key));
-- placement: distributed by account_id
create table stance.thing (account_id text, resource_key text, region text, words text, document json,
  seen_at timestamptz, since timestamptz, primary key (account_id, resource_key));
-- placement: distributed by account_id
create table stance.thing_change (account_id text, batch text, change text, resource_key text, region text, words text,
  document json, seen_at timestamptz, old_region text, old_words text, old_document json, old_seen_at timestamptz,
  primary key (account_id, batch, resource_key));
-- placement: distributed by account_id
create table stance.thing_history (account_id text, resource_key text, region text, words text, document json,
  valid_from timestamptz, valid_to timestamptz, primary key (account_id, resource_key, valid_to));
`,
)

const shape: ChangeShape = {
  stage: 'stance.thing_stage',
  current: 'stance.thing',
  change: 'stance.thing_change',
  key: ['resource_key'],
  compared: [
    { name: 'region', type: 'text' },
    { name: 'words', type: 'text' },
    { name: 'document', type: 'json' },
  ],
  carried: ['seen_at'],
  history: { table: 'stance.thing_history', from: 'seen_at', validFrom: 'valid_from', validTo: 'valid_to' },
}

const day = (n: number) => new Date(Date.UTC(2026, 0, n))

async function take(db: Database, accountId: string, n: number, rows: Value[][], region = 'r1') {
  const batch = `batch-${n}`
  return db.transaction(async (tx) => {
    await tx.load(
      {
        table: 'stance.thing_stage',
        columns: [
          { name: 'account_id', type: 'text' },
          { name: 'batch', type: 'text' },
          { name: 'resource_key', type: 'text' },
          { name: 'region', type: 'text' },
          { name: 'words', type: 'text' },
          { name: 'document', type: 'json' },
          { name: 'seen_at', type: 'timestamptz' },
        ],
      },
      rows.map(([key, words, document]) => [accountId, batch, key!, region, words!, document!, day(n)]),
    )
    const within = { condition: 'c.region = $3', params: [region] }
    const counts = await applyChanges(tx, shape, { accountId, batch, within, moment: day(n) })
    await clearChanges(tx, shape, { accountId, batch })
    return counts
  })
}

eachEngine('changes', (database) => {
  it('finds what is new, changed and gone, in one region of one account, and keeps what was', async () => {
    const { db } = database()
    await migrate(db, { migrations: [tables] })
    const before: Value[][] = [
      ['a', 'x', '{"n":1}'],
      ['b', null, null],
      ['c', 'z', '{}'],
    ]
    expect(await take(db, '1', 1, before)).toEqual({ new: 3, changed: 0, gone: 0 })
    expect(await take(db, '2', 1, before)).toEqual({ new: 3, changed: 0, gone: 0 })
    expect(await take(db, '1', 1, [['other', 'o', null]], 'r2')).toEqual({ new: 1, changed: 0, gone: 0 })
    expect(await take(db, '1', 2, before)).toEqual({ new: 0, changed: 0, gone: 0 })
    const after: Value[][] = [
      ['a', 'x', '{"n":2}'],
      ['b', '', null],
      ['d', 'new', null],
    ]
    expect(await take(db, '1', 3, after)).toEqual({ new: 1, changed: 2, gone: 1 })
    const current = await db.query(
      'select resource_key, words, document from stance.thing where account_id = $1 order by resource_key nulls last',
      ['1'],
    )
    expect(current.map((row) => Object.values(row))).toEqual([...after, ['other', 'o', null]])
    const history = await db.query(
      `select account_id, resource_key, words, document, valid_from, valid_to from stance.thing_history
       order by account_id nulls last, resource_key nulls last`,
    )
    expect(history.map((row) => Object.values(row))).toEqual(
      before.map(([key, words, document]) => ['1', key, words, document, day(1), day(3)]),
    )
    for (const table of ['thing_stage', 'thing_change']) {
      expect(await db.query(`select count(*) as n from stance.${table}`)).toEqual([{ n: 0 }])
    }
    expect(await db.query(`select count(*) as n from stance.thing where account_id = '2'`)).toEqual([
      { n: 3 },
    ])
  })
})
