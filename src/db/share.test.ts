import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/setup/test-database.ts'
import { backup } from './backup.ts'
import { type Child, startChild } from './child.fixture.ts'
import type { Database, Transaction, Value } from './database.ts'
import { openDatabase } from './open-database.ts'
import { serveReads } from './share.ts'

const owner = `
  const db = await openDatabase(options)
  const share = await serveReads(db, options.path)
  print('shared')
  process.stdin.on('data', async (command) => {
    if (String(command).startsWith('write')) {
      await db.transaction((tx) => tx.run("insert into stance.thing select i, 'later' from generate_series(1, 10) as s(i)"))
      print('written')
    } else {
      await share.close()
      await db.close()
      print('closed')
      process.exit(0)
    }
  })`

const edges: Record<string, Value> = {
  words: 'line\nfeed "quoted" 日本語 🎉 \\ \u2028 {"d":1}',
  never: new Date('0001-01-01T00:00:00.000Z'),
  ever: new Date('9999-12-31T23:59:59.999Z'),
  big: Number.MAX_SAFE_INTEGER,
  nan: Number.NaN,
  endless: Number.NEGATIVE_INFINITY,
  flag: false,
  nothing: null,
}
const echo = `select $1::text as words, $2::timestamptz as never, $3::timestamptz as ever, $4::bigint as big,
  $5::double precision as nan, $6::double precision as endless, $7::boolean as flag, $8::text as nothing`

describe('reading while another process holds the file', () => {
  let database: TestDatabase
  let path: string
  let child: Child
  let db: Database

  beforeEach(async () => {
    database = await freshDatabase('duckdb')
    path = database.options.path!
    await database.db.transaction(async (tx) => {
      await tx.run('create table stance.thing (n bigint, words text)')
      await tx.run(`insert into stance.thing select i, 'row ' || i from generate_series(1, 100000) as s(i)`)
    })
    await database.db.close()
    child = startChild(owner, database.options)
    expect(await child.line()).toBe('shared')
    db = await openDatabase({ path, readOnly: true })
  })

  afterEach(async () => {
    await db.close()
    await child.kill()
    await database.drop()
  })

  const send = async (command: string) => {
    child.process.stdin!.write(`${command}\n`)
    return child.line()
  }

  it('keeps values and types', async () => {
    expect(await db.query(echo, Object.values(edges))).toEqual([edges])
    expect(await db.query('select 1 as one where $1 = any($2::text[])', ['b', ['a', 'b']])).toEqual([
      { one: 1 },
    ])
    expect(await db.query('select n from stance.thing where n < 0')).toEqual([])
    expect(await db.query('select $1::bigint as big', [5n])).toEqual([{ big: 5 }])
  })

  it('streams in bounded chunks, several at once, and lets go of one left early', async () => {
    const total = async () => {
      let n = 0
      for await (const rows of db.stream('select * from stance.thing')) n += rows.length
      return n
    }
    expect(await Promise.all([total(), total(), total()])).toEqual([100_000, 100_000, 100_000])
    for await (const rows of db.stream('select * from stance.thing')) {
      expect(rows.length).toBeLessThanOrEqual(2_048)
      break
    }
    let largest = 0
    for await (const rows of db.stream(
      `select n, repeat('x', 200000) as words from stance.thing where n <= 100`,
    )) {
      largest = Math.max(largest, rows.length)
    }
    expect(largest).toBeLessThan(10)
    expect(await send('write')).toBe('written')
  })

  it('is given a whole copy by the process that holds the file, which goes on', async () => {
    const target = `${path}.copy`
    expect(await backup(db, target)).toEqual({ path: target })
    await expect(backup(db, target)).rejects.toMatchObject({ code: 'DB_BACKUP_EXISTS' })
    expect(await send('write')).toBe('written')
    const copy = await openDatabase({ path: target })
    expect(await copy.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_000 }])
    await copy.close()
    expect(existsSync(`${path}.tmp`)).toBe(false)
    const late = backup(db, `${target}.late`)
    // Once it is being taken, the end of that process waits for it.
    await vi.waitUntil(() => existsSync(`${path}.tmp`), { interval: 1 })
    expect(await send('close')).toBe('closed')
    await late
    expect(statSync(`${target}.late`).size).toBeGreaterThan(100_000)
  })

  it('sees one moment in a transaction, and statements in between do not end a stream', async () => {
    await db.transaction(
      async (tx) => {
        let n = 0
        for await (const rows of tx.stream('select * from stance.thing')) {
          n += rows.length
          if (n === rows.length) expect(await send('write')).toBe('written')
          expect(await tx.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_000 }])
        }
        expect(n).toBe(100_000)
      },
      { readOnly: true },
    )
    expect(await db.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_010 }])
  })

  it('reads only', async () => {
    const insert = 'insert into stance.thing values (1, null)'
    await expect(db.query(insert)).rejects.toMatchObject({ code: 'DB_READ_ONLY' })
    await expect(db.query('drop table stance.thing')).rejects.toMatchObject({ code: 'DB_READ_ONLY' })
    await expect(db.query(`select 1; ${insert}`)).rejects.toThrow()
    await expect(db.transaction((tx: Transaction) => tx.run(insert))).rejects.toMatchObject({
      code: 'DB_READ_ONLY',
    })
    const inside = (work: (tx: Transaction) => Promise<unknown>) => db.transaction(work, { readOnly: true })
    await expect(inside((tx) => tx.run(insert))).rejects.toMatchObject({ code: 'DB_READ_ONLY' })
    await expect(inside((tx) => tx.query(insert))).rejects.toMatchObject({ code: 'DB_READ_ONLY' })
    await expect(db.query('select * from stance.nowhere')).rejects.toThrow(/nowhere/)
    expect(await db.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_000 }])
  })

  it('limits the time of a statement', async () => {
    const slow = await openDatabase({ path, readOnly: true, statementTimeoutMs: 100 })
    const endless = 'select count(*) as n from range(1000000) a, range(1000000) b'
    await expect(slow.query(endless)).rejects.toMatchObject({ code: 'DB_TIMEOUT' })
    expect(await slow.query('select 1 as one')).toEqual([{ one: 1 }])
    await slow.close()
  })

  it('goes on with the file when the other process has ended, and says when it was killed', async () => {
    expect(await send('close')).toBe('closed')
    expect(await db.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_000 }])
    await child.kill()

    child = startChild(owner, database.options)
    await db.close()
    expect(await child.line()).toBe('shared')
    db = await openDatabase({ path, readOnly: true })
    const cut = (async () => {
      for await (const rows of db.stream('select * from stance.thing')) {
        expect(rows.length).toBeGreaterThan(0)
        await child.kill()
      }
    })()
    await expect(cut).rejects.toMatchObject({ code: 'DB_CONNECTION_LOST' })
    expect(await db.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_000 }])
    await db.close()

    const again = await openDatabase({ path })
    expect(await again.query('select count(*) as n from stance.thing')).toEqual([{ n: 100_000 }])
    await again.close()
  })

  it.skipIf(process.platform === 'win32')(
    'says so where that process is stopped, and waits for one that works',
    async () => {
      const stopped = { code: 'DB_FILE_HELD', message: expect.stringContaining(`(pid ${child.process.pid})`) }
      // Longer than a greeting may take.
      const slow = await openDatabase({ path, readOnly: true, statementTimeoutMs: 7_000 })
      const endless = 'select count(*) as n from range(1000000) a, range(1000000) b'
      await expect(slow.query(endless)).rejects.toMatchObject({ code: 'DB_TIMEOUT' })
      await slow.close()
      child.process.kill('SIGSTOP')
      try {
        const both = [openDatabase({ path, readOnly: true }), db.query('select 1 as one')]
        for (const one of both) await expect(one).rejects.toMatchObject(stopped)
      } finally {
        child.process.kill('SIGCONT')
      }
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    },
    60_000,
  )

  it('lets nobody in without the token, and trusts no directory of others', async () => {
    const directory = `${path}.share`
    const address = JSON.parse(readFileSync(`${directory}/address`, 'utf8'))
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(`${directory}/address`).mode & 0o777).toBe(0o600)
    expect(statSync(address.socket).mode & 0o777).toBe(0o600)
    for (const hello of [
      { hello: 1, token: 'x' },
      { hello: 1, token: `${address.token}x` },
      { hello: 2, token: address.token },
      { query: 'select 1' },
      'no json',
    ]) {
      expect(await talk(address.socket, typeof hello === 'string' ? hello : JSON.stringify(hello))).toBe('')
    }
    expect(await talk(address.socket, 'x'.repeat(100_000))).toBe('')
    const good = JSON.stringify({ hello: 1, token: address.token })
    expect(await talk(address.socket, `${good}\n{"query":5}`)).toContain('"ok":true')
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('a file held by a process that does not share it', () => {
  it('is named with the pid, for readers and writers', async () => {
    const database = await freshDatabase('duckdb')
    const path = database.options.path!
    await database.db.close()
    const child = startChild(
      `await openDatabase(options); print('held'); setInterval(() => {}, 1000)`,
      database.options,
    )
    expect(await child.line()).toBe('held')
    for (const readOnly of [true, false]) {
      const held = openDatabase({ path, readOnly, lockWaitMs: 200 })
      await expect(held).rejects.toMatchObject({ code: 'DB_FILE_HELD' })
      await expect(held).rejects.toThrow(`pid ${child.process.pid}`)
    }
    mkdirSync(`${path}.share`, { mode: 0o755 })
    writeFileSync(`${path}.share/notes`, 'of somebody else')
    writeFileSync(`${path}.share/address`, '{"socket":"/nowhere","token":"x","pid":1}')
    await expect(openDatabase({ path, readOnly: true })).rejects.toMatchObject({ code: 'DB_SHARE_UNSAFE' })
    const waiting = openDatabase({ path, lockWaitMs: 5_000 })
    await child.kill()
    const db = await waiting
    await expect(serveReads(db, path)).rejects.toMatchObject({ code: 'DB_PATH' })
    expect(readFileSync(`${path}.share/notes`, 'utf8')).toBe('of somebody else')
    await db.close()
    await database.drop()
  })
})

function talk(address: string, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let heard = ''
  const socket = connect(address, () => socket.write(`${text}\n`))
  socket.on('data', (data) => {
    heard += data
    if (heard.includes('error')) socket.destroy()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => resolve(heard))
  return promise
}
