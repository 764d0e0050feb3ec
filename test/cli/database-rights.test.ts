import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../setup/test-database.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

const person = `rights "of" one ${process.pid}`
const quoted = `"${person.replaceAll('"', '""')}"`
const before = process.env.DATABASE_URL

let database: TestDatabase
let place: Awaited<ReturnType<typeof makeWorkplace>>
const asAdmin = (...statements: string[]) =>
  database.db.transaction(async (tx) => {
    for (const sql of statements) await tx.run(sql)
  })
const aboutDatabase = async () => {
  const { stdout } = await stance(['doctor', '--json'], place.cwd)
  return JSON.parse(stdout).items.find((one: { about: string }) => one.about === 'database')
}

beforeAll(async () => {
  place = await makeWorkplace('connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n')
  database = await freshDatabase('postgres')
  await asAdmin(`create role ${quoted} login password 'one'`, 'drop schema lake, stance cascade')
  const url = new URL(database.options.url ?? '')
  Object.assign(url, { username: encodeURIComponent(person), password: 'one' })
  process.env.DATABASE_URL = url.href
})
afterAll(async () => {
  if (before === undefined) delete process.env.DATABASE_URL
  else process.env.DATABASE_URL = before
  await asAdmin(`drop owned by ${quoted}`, `drop role ${quoted}`)
  await database.drop()
  await place.remove()
})

it('a user who may not make tables is told what is refused, and doctor prints what would allow it', async () => {
  const { code, stderr } = await stance(['scan'], place.cwd)
  expect(code).toBe(2)
  expect(stderr).toContain('DB_PERMISSION')
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('permission denied for database')
  const found = await aboutDatabase()
  expect(found).toMatchObject({ state: 'problem' })
  const statements = found.next.replace(/^.*?run: /, '').split('; ')
  expect(statements).toHaveLength(2)
  await asAdmin(...statements)
  expect(await aboutDatabase()).toMatchObject({ state: 'ok' })
  const { stderr: then } = await stance(['scan'], place.cwd)
  expect(then).not.toContain('DB_')
  expect(await aboutDatabase()).toMatchObject({ state: 'ok' })
}, 60_000)
