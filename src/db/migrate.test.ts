import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eachEngine, freshDatabase } from '../../test/setup/test-database.ts'
import { migrate, refuseNewerSchema, toEngine } from './migrate.ts'
import { parseMigration, readMigrations } from './migration-files.ts'
import { openDatabase } from './open-database.ts'
import { tableExists } from './table-columns.ts'

const first = parseMigration(
  '9001-first.sql',
  `
-- What was seen; a semicolon in a comment; and one in a text below.
-- placement: distributed by account_id
create table stance.seen (
  account_id text not null,
  resource_key text not null,
  words text not null default ';',
  seen_at timestamptz,
  share double precision,
  document json,
  primary key (account_id, resource_key)
);

create index seen_words on stance.seen (words);

-- placement: reference
create table stance.kind (kind text not null, primary key (kind));

insert into stance.kind (kind) values ('it''s; one');

-- engine: postgres
create unique index kind_upper on stance.kind (upper(kind));

create view public.seen as select account_id, words from stance.seen;
`,
)
const second = parseMigration('9002-second.sql', 'alter table stance.seen add column more text;')
const broken = parseMigration(
  '9003-broken.sql',
  'alter table stance.seen add column other text; alter table stance.nowhere add column a text;',
)

eachEngine('migrate', (database) => {
  it('runs what has not run yet, once, whole or not at all', async () => {
    const { db } = database()
    expect((await migrate(db, { migrations: [first] })).ran).toEqual(['9001-first'])
    expect((await migrate(db, { migrations: [first] })).ran).toEqual([])
    expect(await db.query('select kind from stance.kind')).toEqual([{ kind: "it's; one" }])
    const both = await Promise.all(
      [1, 2].map(() => migrate(db, { migrations: [first, second], backup: false })),
    )
    expect(both.flatMap(({ ran }) => ran)).toEqual(['9002-second'])
    await expect(migrate(db, { migrations: [first, second, broken], backup: false })).rejects.toMatchObject({
      code: 'DB_MIGRATION_FAILED',
    })
    await expect(db.query('select other from stance.seen')).rejects.toThrow()
    expect(await db.query('select more, words from stance.seen')).toEqual([])
  })

  it('refuses a database that a newer program has migrated', async () => {
    const { db } = database()
    await expect(migrate(db, { migrations: [first] })).rejects.toMatchObject({ code: 'DB_SCHEMA_NEWER' })
    await expect(refuseNewerSchema(db)).rejects.toMatchObject({ code: 'DB_SCHEMA_NEWER' })
    await refuseNewerSchema(db, [first, second])
    expect(await tableExists(db, 'stance', 'seen')).toBe(true)
  })
})

eachEngine(
  'our own migrations',
  (database) => {
    it('run', async () => {
      const { db } = database()
      const ran = await db.query<{ name: string }>(
        'select name from stance.migration order by name nulls last',
      )
      expect(ran.map(({ name }) => name)).toEqual(readMigrations().map(({ name }) => name))
      expect((await migrate(db)).ran).toEqual([])
    })
  },
  { migrated: true },
)

describe('PostgreSQL 17', () => {
  it('takes our own migrations too', async () => {
    const database = await freshDatabase('postgres', { migrated: true, postgres: 17 })
    const [row] = await database.db.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    )
    expect(row!.version).toMatch(/^17\./)
    await database.drop()
  })
})

describe('a DuckDB file', () => {
  it('is copied before it is migrated, and a newer one is not opened', async () => {
    const database = await freshDatabase('duckdb')
    expect((await migrate(database.db, { migrations: [first] })).backup).toBeUndefined()
    const { backup } = await migrate(database.db, { migrations: [first, second] })
    expect(backup && existsSync(backup)).toBe(true)
    const old = await openDatabaseAround(backup!)
    expect(old).toBe('DB_SCHEMA_NEWER')
    await database.drop()
  })
})

function openDatabaseAround(path: string): Promise<string> {
  return openDatabase({ path }).then(
    () => 'opened',
    (error) => error.code,
  )
}

describe('migration files', () => {
  it('are printed for each engine', () => {
    const text = (engine: 'duckdb' | 'postgres' | 'citus') =>
      first.statements.flatMap((one) => toEngine(engine, one))
    expect(text('duckdb').join('\n')).not.toMatch(/primary key \(account_id|index/)
    expect(text('duckdb').join('\n')).toMatch(/primary key \(kind\)/)
    expect(text('postgres')).toHaveLength(6)
    expect(text('citus').filter((sql) => sql.startsWith('select'))).toEqual([
      `select create_distributed_table('stance.seen', 'account_id')::text`,
      `select create_reference_table('stance.kind')::text`,
    ])
  })

  it('say what is wrong with them', async () => {
    const table = 'create table stance.x (account_id text, primary key (account_id));'
    expect(() => parseMigration('1-x.sql', '')).toThrow(/NNNN-what/)
    expect(() => parseMigration('0001-x.sql', table)).toThrow(/placement/)
    expect(() => parseMigration('0001-x.sql', `-- placement: reference\n-- between\n${table}`)).toThrow(
      /placement/,
    )
    expect(() => parseMigration('0001-x.sql', '-- placement: local\ncreate table x (a text);')).toThrow(
      /schema/,
    )
    expect(() =>
      parseMigration('0001-x.sql', '-- placement: local\ncreate table stance.x (a text primary key);'),
    ).toThrow(/primary key/)
    const directory = await mkdtemp(join(tmpdir(), 'stance-test-'))
    await writeFile(join(directory, '0001-a.sql'), 'select 1;')
    await writeFile(join(directory, '0001-b.sql'), 'select 1;')
    expect(() => readMigrations(directory)).toThrow(/number 0001/)
    await rm(directory, { recursive: true })
  })
})
