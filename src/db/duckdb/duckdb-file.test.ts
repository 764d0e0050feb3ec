import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canMount, mountSmall } from '../../../test/setup/small-disk.ts'
import { backup } from '../backup.ts'
import { startChild } from '../child.fixture.ts'
import { compact } from '../compact.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open-database.ts'
import { defaultMemoryLimit } from './memory-limit.ts'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-test-'))
  path = join(directory, 'stance.duckdb')
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code ?? String(error),
  )

describe('one instance per file', () => {
  it('refuses a second open, by any name', async () => {
    const db = await openDatabase({ path })
    await symlink(path, join(directory, 'symlink'))
    await symlink(directory, join(directory, 'around'))
    await link(path, join(directory, 'hardlink'))
    const names = ['stance.duckdb', './stance.duckdb', 'symlink', 'around/stance.duckdb', 'hardlink']
    for (const name of names) {
      for (const readOnly of [true, false]) {
        expect([name, await code(openDatabase({ path: join(directory, name), readOnly }))]).toEqual([
          name,
          'DB_ALREADY_OPEN',
        ])
      }
    }
    await db.close()
    await (await openDatabase({ path: join(directory, 'symlink') })).close()
    const [first, second] = await Promise.allSettled([openDatabase({ path }), openDatabase({ path })])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'DB_ALREADY_OPEN' } })
    if (first.status === 'fulfilled') await first.value.close()
    await symlink(join(directory, 'not-yet'), join(directory, 'dangling'))
    const fresh = await openDatabase({ path: join(directory, 'dangling') })
    expect(await code(openDatabase({ path: join(directory, 'not-yet') }))).toBe('DB_ALREADY_OPEN')
    await fresh.close()
  })

  it('gives readers of a file that nobody holds the file itself', async () => {
    expect(await code(openDatabase({ path, readOnly: true }))).toBe('DB_FILE_MISSING')
    await (await openDatabase({ path })).close()
    const db = await openDatabase({ path, readOnly: true })
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    expect(await code(db.transaction((tx) => tx.run('create table stance.x (a text)')))).toBe('DB_READ_ONLY')
    await db.close()
  })

  it('is for its owner only', async () => {
    const deep = join(directory, 'a', 'b', 'x.duckdb')
    await (await openDatabase({ path: deep })).close()
    expect((await stat(deep)).mode & 0o777).toBe(0o600)
    expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o700)
  })
})

describe('what is no database', () => {
  it('is said, and left as it is', async () => {
    const junk = join(directory, 'junk')
    await writeFile(junk, 'this is something else'.repeat(1_000))
    expect(await code(openDatabase({ path: junk }))).toBe('DB_FILE_INVALID')
    expect((await stat(junk)).size).toBe(22_000)
    const whole = join(directory, 'whole.duckdb')
    const made = await openDatabase({ path: whole })
    await migrate(made)
    await made.close()
    // A copy that broke off.
    for (const size of [100, 13_000, 100_000]) {
      await writeFile(junk, (await readFile(whole)).subarray(0, size))
      expect(await code(openDatabase({ path: junk })), `${size} bytes`).toBe('DB_FILE_INVALID')
    }
    expect(await code(openDatabase({ path: directory }))).toBe('DB_PATH')
    expect(await code(openDatabase({ path: join(junk, 'below') }))).toBe('DB_PATH')
    expect(await code(openDatabase({}))).toBe('DB_NOT_NAMED')
    await (await openDatabase({ path })).close()
  })

  it('is a path that DuckDB writes elsewhere', async () => {
    const odd = join(directory, 'pq?x')
    for (const asked of [join(odd, 'd', 'x.duckdb'), join(directory, 'what?.duckdb')])
      expect(await code(openDatabase({ path: asked }))).toBe('DB_PATH')
    expect(existsSync(odd)).toBe(false)
    await symlink(odd, join(directory, 'link'))
    await mkdir(odd)
    await writeFile(join(odd, 'there'), '')
    for (const readOnly of [true, false])
      expect(await code(openDatabase({ path: join(directory, 'link', 'there'), readOnly }))).toBe('DB_PATH')
    const db = await openDatabase({ path })
    expect(await code(backup(db, join(odd, 'copy.duckdb')))).toBe('DB_PATH')
    await db.close()
  })

  it.skipIf(process.getuid?.() === 0)('says when the system refuses', async () => {
    await (await openDatabase({ path })).close()
    await chmod(path, 0o000)
    expect(await code(openDatabase({ path }))).toBe('DB_PERMISSION')
  })
})

describe('a person cannot leave the database by SQL', () => {
  it('reads and writes no files, and changes no settings', async () => {
    const db = await openDatabase({ path, exportDirectory: join(directory, 'exports') })
    const outside = join(directory, 'secret.csv')
    await writeFile(outside, 'a\n1\n')
    for (const sql of [
      `select * from read_csv('${outside}')`,
      `select * from read_text('/etc/hostname')`,
      `select * from glob('/etc/*')`,
      `select * from read_duckdb('${join(directory, 'other.duckdb')}')`,
    ]) {
      await expect(db.query(sql), sql).rejects.toThrow(/Permission Error|disabled|not exist|Catalog Error/)
    }
    for (const sql of [
      `copy (select 1) to '${join(directory, 'out.csv')}'`,
      `attach '${join(directory, 'other.duckdb')}' as other`,
      `set enable_external_access = true`,
      `set TimeZone = 'Asia/Tokyo'`,
      `set memory_limit = '100GB'`,
      `reset lock_configuration`,
      `install httpfs`,
      `load httpfs`,
      `export database '${directory}'`,
    ]) {
      await expect(
        db.transaction((tx) => tx.run(sql)),
        sql,
      ).rejects.toThrow()
      await expect(db.query(sql), sql).rejects.toThrow()
    }
    expect((await readdir(directory)).sort()).toEqual(['secret.csv', 'stance.duckdb', 'stance.duckdb.wal'])
    await db.close()
  })
})

describe('what a killed backup left', () => {
  const old = new Date(Date.now() - 2 * 3_600_000)
  const leave = (...names: string[]) => {
    mkdirSync(`${path}.tmp`, { recursive: true })
    for (const name of names) {
      writeFileSync(join(`${path}.tmp`, name), 'left')
      utimesSync(join(`${path}.tmp`, name), old, old)
    }
  }
  const left = () => (existsSync(`${path}.tmp`) ? readdirSync(`${path}.tmp`).sort() : undefined)
  const copy = 'copy-0123456789ab.duckdb'

  it('goes when the file is opened for writing, with its directory', async () => {
    await (await openDatabase({ path })).close()
    leave(copy, `${copy}.wal`)
    const reading = await openDatabase({ path, readOnly: true })
    expect(left()).toEqual([copy, `${copy}.wal`])
    await reading.close()
    await (await openDatabase({ path })).close()
    expect(left()).toBeUndefined()
  })

  it('goes at the next backup; what is young, or not of our naming, stays', async () => {
    const db = await openDatabase({ path })
    leave(copy, 'duckdb_temp_storage-0.tmp', 'copy-of-mine.duckdb')
    writeFileSync(join(`${path}.tmp`, 'copy-aaaaaaaaaaaa.duckdb'), 'being moved')
    await backup(db, join(directory, 'whole.duckdb'))
    expect(left()).toEqual(['copy-aaaaaaaaaaaa.duckdb', 'copy-of-mine.duckdb', 'duckdb_temp_storage-0.tmp'])
    await db.close()
  })
})

describe('backup and compact', () => {
  const fill = async (rows: number) => {
    const db = await openDatabase({ path })
    await migrate(db)
    await db.transaction(async (tx) => {
      await tx.run('create table stance.bulk (n bigint, words text, seen_at timestamptz)')
      await tx.run('create view public.bulk as select n from stance.bulk')
      await tx.run(
        `insert into stance.bulk select i, md5(cast(i as text)), timestamptz '2026-01-01 00:00:00+00' from generate_series(1, ${rows}) as s(i)`,
      )
    })
    return db
  }

  it('copies a consistent moment while others write, whole or not at all', async () => {
    const db = await fill(100_000)
    const target = join(directory, 'deep', 'copy.duckdb')
    let copying = true
    const writing = (async () => {
      let n = 0
      // Pairs: a copy of half a transaction would be odd.
      for (; copying; n++)
        await db.transaction((tx) =>
          tx.run('insert into stance.bulk values (1, null, null), (2, null, null)'),
        )
      return n
    })()
    await backup(db, target)
    copying = false
    const written = await writing
    expect(await code(backup(db, target))).toBe('DB_BACKUP_EXISTS')
    expect(await code(backup(db, path, { overwrite: true }))).toBe('DB_BACKUP_ITSELF')
    expect(await code(backup(db, directory, { overwrite: true }))).toBe('DB_PATH')
    for (const end of ['.wal', '.tmp', '.share', '.before-compact-0123456789ab'])
      expect([end, await code(backup(db, path + end, { overwrite: true }))]).toEqual([end, 'DB_BACKUP_NAME'])
    expect(await code(backup(db, join(directory, 'another.duckdb.wal')))).toBe('DB_BACKUP_NAME')
    for (const text of ['database: {}\n', 'of 32 bytes, as keys are: 01234567'])
      for (const name of ['stance.yaml', 'secret.key']) {
        await writeFile(join(directory, name), text)
        expect(await code(backup(db, join(directory, name), { overwrite: true }))).toBe('DB_BACKUP_FOREIGN')
        expect(await readFile(join(directory, name), 'utf8')).toBe(text)
      }
    expect((await db.query<{ n: number }>('select count(*) as n from stance.bulk'))[0]!.n).toBe(
      100_000 + 2 * written,
    )
    await db.close()
    const copy = await openDatabase({ path: target })
    const [row] = await copy.query<{ n: number; v: number }>(
      'select count(*) as n, (select count(*) from public.bulk) as v from stance.bulk',
    )
    expect(row!.n).toBeGreaterThanOrEqual(100_000)
    expect(row!.n % 2).toBe(0)
    expect(row!.v).toBe(row!.n)
    expect((await migrate(copy)).ran).toEqual([])
    await copy.close()
    expect((await stat(target)).mode & 0o777).toBe(0o600)
    expect(existsSync(`${path}.tmp`)).toBe(false)
  })

  it('is restored as the guide says: without the log of what was killed', async () => {
    await (await fill(10)).close()
    const db = await openDatabase({ path })
    const copy = join(directory, 'copy.duckdb')
    await backup(db, copy)
    await db.close()
    const child = startChild(
      `const db = await openDatabase(options)
       await db.transaction((tx) => tx.run('insert into stance.bulk values (11, null, null)'))
       print('written'); setInterval(() => {}, 1000)`,
      { path },
    )
    expect(await child.line()).toBe('written')
    await child.kill()
    await rename(`${path}.wal`, join(directory, 'away'))
    await rename(copy, path)
    const restored = await openDatabase({ path })
    expect(await restored.query('select count(*) as n from stance.bulk')).toEqual([{ n: 10 }])
    await restored.close()
  })

  it('gives space back and goes on with the new file', async () => {
    const db = await fill(400_000)
    await db.transaction((tx) => tx.run('delete from stance.bulk where n > 10'))
    const { before, after } = await compact(db)
    expect(after).toBeLessThan(before / 2)
    expect((await stat(path)).size).toBe(after)
    expect(await db.query('select count(*) as n from public.bulk')).toEqual([{ n: 10 }])
    await db.transaction((tx) => tx.run('insert into stance.bulk values (11, null, null)'))
    await db.close()
    expect((await readdir(directory)).sort()).toEqual(['stance.duckdb'])
    const again = await openDatabase({ path })
    expect(await again.query('select count(*) as n from stance.bulk')).toEqual([{ n: 11 }])

    await again.transaction(
      async (tx) => {
        await tx.query('select 1 as one')
        expect(await code(compact(again))).toBe('DB_BUSY')
      },
      { readOnly: true },
    )
    await again.close()
  })

  it('leaves copies alone that somebody else made, whatever they are called', async () => {
    const db = await fill(10)
    const copies = ['.old', '.bak', '.before-compact', '.before-compact-mine'].map((end) => path + end)
    for (const copy of copies) await writeFile(copy, 'a careful copy')
    const left = `${path}.before-compact-0123456789ab`
    await writeFile(left, 'of a process that was killed while compacting')
    await compact(db)
    await db.close()
    for (const copy of copies) expect(await readFile(copy, 'utf8')).toBe('a careful copy')
    expect(existsSync(left)).toBe(false)
  })

  it('never takes a missing file for a new database while the old one is beside it', async () => {
    await (await fill(10)).close()
    await rename(path, `${path}.before-compact-0123456789ab`)
    expect(await code(openDatabase({ path }))).toBe('DB_FILE_MISSING')
    expect(existsSync(path)).toBe(false)
  })
})

describe('kill -9', () => {
  it('tears no transaction and loses no acknowledged one', async () => {
    await (await openDatabase({ path })).close()
    for (let round = 0; round < 4; round++) {
      const child = startChild(
        `const db = await openDatabase(options)
         await db.transaction((tx) => tx.run('create table if not exists stance.batch (round bigint, n bigint, words text)'))
         const columns = [{ name: 'round', type: 'bigint' }, { name: 'n', type: 'bigint' }, { name: 'words', type: 'text' }]
         for (let n = 1; ; n++) {
           await db.transaction((tx) => tx.load({ table: 'stance.batch', columns },
             Array.from({ length: 3000 }, () => [${round}, n, Math.random().toString(36).repeat(8)])))
           print(String(n))
         }`,
        { path },
      )
      let acknowledged = 0
      const reading = (async () => {
        for (;;) acknowledged = Number(await child.line())
      })().catch(() => undefined)
      while (acknowledged < 3) await sleep(5)
      await sleep(Math.random() * 60)
      await child.kill()
      await reading
      const db = await openDatabase({ path })
      const rows = await db.query<{ n: number; rows: number }>(
        'select n, count(*) as rows from stance.batch where round = $1 group by n order by n nulls last',
        [round],
      )
      expect(rows.length).toBeGreaterThanOrEqual(acknowledged)
      expect(rows.every((row, at) => row.n === at + 1 && row.rows === 3_000)).toBe(true)
      await db.close()
    }
  })
})

describe('a full disk', () => {
  const mounted = canMount()
  it.skipIf(!mounted)('is said, and what was committed stays', async () => {
    const small = join(directory, 'small')
    await mkdir(small)
    const disk = mountSmall(small, '12m')
    try {
      const file = join(small, 'x.duckdb')
      const db = await openDatabase({ path: file, memoryLimit: 300_000_000 })
      await db.transaction((tx) => tx.run('create table stance.t (a bigint, words text)'))
      const columns = [
        { name: 'a', type: 'bigint' as const },
        { name: 'words', type: 'text' as const },
      ]
      const batch = () => Array.from({ length: 5_000 }, () => [1, randomBytes(24).toString('hex')])
      let committed = 0
      const full = (async () => {
        for (; committed < 200; committed++)
          await db.transaction((tx) => tx.load({ table: 'stance.t', columns }, batch()))
      })()
      expect(await code(full)).toBe('DB_DISK_FULL')
      expect(committed).toBeGreaterThan(5)
      expect(await code(backup(db, join(small, 'copy')))).toBe('DB_DISK_FULL')
      expect(await db.query('select count(*) as n from stance.t')).toEqual([{ n: committed * 5_000 }])
      expect(['no error', 'DB_DISK_FULL']).toContain(await code(db.close()))
      disk.grow('60m')
      const again = await openDatabase({ path: file })
      expect(await again.query('select count(*) as n from stance.t')).toEqual([{ n: committed * 5_000 }])
      await again.close()
      expect(await readdir(small)).toEqual(['x.duckdb'])
    } finally {
      disk.unmount()
    }
  })
})

describe('memory limit', () => {
  it('is a third of what the container has, else of the machine', () => {
    expect(defaultMemoryLimit(24e9, 3e9)).toBe(1e9)
    expect(defaultMemoryLimit(24e9, 0)).toBe(8e9)
    expect(defaultMemoryLimit(24e9, 1.8e19)).toBe(8e9)
  })
})
