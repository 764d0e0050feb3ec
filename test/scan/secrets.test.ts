import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { secretPaths } from '../../src/collect/kernel/secret-paths.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { createLogger } from '../../src/config/logger.ts'
import type { Reader } from '../../src/db/database.ts'
import { logScan } from '../../src/run/log-scan.ts'
import { openStance, type Stance } from '../../src/run/open-stance.ts'
import { recordScan } from '../../src/run/record-scan.ts'
import type { ScanEvent } from '../../src/run/scan.ts'
import { stance as command, makeWorkplace } from '../cli/stance-process.fixture.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import type { Estate } from './open-estate.ts'
import { recordedOperations } from './operations.ts'

const userData = 'CANARY-user-data-7f3a'
const clientSecret = 'CANARY<client>&"secret"-19c2'
/** Base64 as clouds give it, plain text beside it, and one that needs escapes on the wire. */
const canaries = [userData, clientSecret]

const script = Buffer.from(`#!/bin/sh\nexport DB_PASSWORD='${userData}'\n`).toString('base64')
const oidc = `<Type>authenticate-oidc</Type><Order>1</Order><AuthenticateOidcConfig><Issuer>https://id.larkspur.example</Issuer>
  <AuthorizationEndpoint>https://id.larkspur.example/a</AuthorizationEndpoint><TokenEndpoint>https://id.larkspur.example/t</TokenEndpoint>
  <UserInfoEndpoint>https://id.larkspur.example/u</UserInfoEndpoint><ClientId>shop</ClientId>
  <ClientSecret>${toXml(clientSecret)}</ClientSecret></AuthenticateOidcConfig>`

/** The action that is there already comes second; of two, AWS says the order. */
const beforeTheOther = (body: string, list: string) =>
  body.replaceAll(`${list}<member>`, `${list}<member>${oidc}</member><member><Order>2</Order>`)

/** One for each operation whose answers hold a declared secret: a table that declares another needs a canary here. */
const plants: Record<string, { canary: string; plant: (body: string) => string }> = {
  'aws/ec2/DescribeInstanceAttribute': {
    canary: script,
    plant: (body) => body.replace(/<value>[^<]*</, `<value>${script}<`),
  },
  'aws/elasticloadbalancingv2/DescribeListeners': {
    canary: toXml(clientSecret),
    plant: (body) => beforeTheOther(body, '<DefaultActions>'),
  },
  'aws/elasticloadbalancingv2/DescribeRules': {
    canary: toXml(clientSecret),
    plant: (body) => beforeTheOther(body, '<Actions>'),
  },
  'aws/iam/ListVirtualMFADevices': {
    canary: script,
    plant: (body) => body.replace(/<(Base32StringSeed|QRCodePNG)>[^<]*</g, `<$1>${script}<`),
  },
}

it('every secret that tables declare is planted', () => {
  const declared = [...secretPaths(tables, sources).keys()]
  expect(Object.keys(plants).sort()).toEqual(declared.sort())
})

// Of what has the secrets nothing was read before.
const options = {
  copies: 'one for all',
  read: 'little',
  estate: { edit: planted },
  engines: oneEngine(),
} as const
eachScannedStore('secrets in the answers of a cloud', options, (scanned, engine) => {
  const database = () => scanned().copy.database
  let estate: Estate
  let directory: string
  /** What left the program: by where it was found. */
  const left = new Map<string, string>()
  const onWire = new Set<string>()
  beforeAll(async () => {
    estate = scanned().estate
    const { settings, clock } = estate
    let log = ''
    const destination = { write: (line: string) => (log += line) }
    const logger = createLogger({ level: 'trace', pretty: false, destination })
    const { db } = database()
    const stance = await openStance(db, { settings, clock, logger })
    directory = join(settings.data_directory, 'recording')
    const recorder = await recordScan(stance, directory, settings.data_directory)
    const events: unknown[] = []
    const say = logScan(logger)
    const report = (event: ScanEvent) => {
      say(event)
      events.push(event)
    }
    const record = await estate.scan(stance, {
      narrowing: { tables: await plantedTables(stance) },
      report,
      listen(exchange, request, answer) {
        const body = Buffer.from(exchange.response.body).toString('utf8')
        const name = `aws/${request.service}/${request.operation}`
        if (plants[name] !== undefined && body.includes(plants[name].canary)) onWire.add(name)
        return recorder.listen(exchange, request, answer)
      },
    })
    expect(record.state).toBe('done')
    const { unrecorded } = await recorder.close()
    expect(unrecorded).toEqual([])
    // A second look, refused: what is kept of the first one, and said of the second.
    await estate.scan(stance, {
      faults: 'ec2:DescribeInstanceAttribute=denied',
      narrowing: { tables: ['aws_instance'] },
      report,
    })
    left.set('log', log)
    left.set('events', JSON.stringify(events))
    left.set('database', await everythingIn(db))
    for (const [name, text] of await everythingBelow(settings.data_directory)) left.set(name, text)
  }, longest)

  it('came over the wire, and are known by their kind', async () => {
    expect([...onWire].sort()).toEqual(Object.keys(plants).sort())
    const { db } = database()
    await estate.scan(await estate.open(db), { narrowing: { tables: ['aws_instance', 'aws_lb_listener'] } })
    const kinds = await db.query(
      'select distinct has_user_data, user_data_has_secrets, user_data_secret_kinds from lake.aws_instance',
    )
    expect(kinds).toEqual([
      { has_user_data: true, user_data_has_secrets: true, user_data_secret_kinds: 'named_secret' },
    ])
    const listeners = await db.query(
      `select distinct l.authenticates_users, r.authenticates_users as by_rules
       from lake.aws_lb_listener l
       join lake.aws_lb_listener_rule r on r.account_id = l.account_id and r.resource_key = l.resource_key
       order by 1 nulls last`,
    )
    expect(listeners).toEqual([{ authenticates_users: true, by_rules: true }])
  })

  it('are in no table, no log, no recording and no other file', () => {
    expect([...left.keys()].filter((name) => name.startsWith('recording/')).length).toBeGreaterThan(5)
    // Each call that had a canary in its answer is in the log, and the one that was refused with its code.
    const lines = left
      .get('log')!
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; operation?: string })
    for (const name of Object.keys(plants)) {
      const [, service, operation] = name.split('/')
      expect(lines).toContainEqual(expect.objectContaining({ msg: 'call', service, operation }))
    }
    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'call without success',
        operation: 'DescribeInstanceAttribute',
        kind: 'answer',
      }),
    )
    for (const msg of ['scan_started', 'planned', 'cell_ended', 'judged', 'scan_ended'])
      expect(lines).toContainEqual(expect.objectContaining({ msg }))
    expect(left.get('events')!.length).toBeGreaterThan(1_000)
    expect(left.get('database')!.length).toBeGreaterThan(100_000)
    for (const [name, text] of left) expect(found(text), name).toEqual([])
  })

  it('are in nothing that commands print or write', { timeout: longest }, async () => {
    const { db, options } = database()
    const place = await makeWorkplace()
    const before = { ...process.env }
    try {
      if (options.url !== undefined) process.env.DATABASE_URL = options.url
      else {
        await db.close()
        process.env.STANCE_DATABASE_PATH = options.path
        expect(found((await readFile(options.path!)).toString('latin1'))).toEqual([])
      }
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await command(args, place.cwd)
        expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
        expect(found(stdout), args.join(' ')).toEqual([])
        return stdout
      }
      const listed = JSON.parse(await run('findings', '--verdict', 'any', '--all', '--json')) as {
        items: { finding_id: string; table_name: string }[]
      }
      for (const table of ['aws_instance', 'aws_lb']) {
        const one = listed.items.find(({ table_name }) => table_name === table)!
        await run('findings', 'show', one.finding_id)
        await run('findings', 'show', one.finding_id, '--json')
      }
      for (const table of ['aws_instance', 'aws_lb_listener']) {
        const { items } = JSON.parse(await run('resources', '--table', table, '--json')) as {
          items: { resource_key: string; account_id: string }[]
        }
        const { resource_key, account_id } = items[0]!
        for (const form of [['--json'], []]) {
          const more = ['--account', account_id, '--history', ...form]
          expect(await run('resources', 'show', resource_key, ...more)).toContain('$secret')
        }
      }
      const all = 'select resource_key, content from resource'
      for (const format of ['csv', 'json', 'table'])
        expect(await run('query', all, '--format', format, '--limit', '10000')).toContain('$secret')
      await run('coverage', '--json')
      if (engine === 'duckdb') {
        await run('backup', 'copy.duckdb')
        expect(found((await readFile(join(place.cwd, 'copy.duckdb'))).toString('latin1'))).toEqual([])
      }
    } finally {
      for (const name of ['DATABASE_URL', 'STANCE_DATABASE_PATH'])
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      await place.remove()
    }
  })
})

it('a canary is found in every form that it is looked for in', () => {
  for (const canary of canaries) {
    for (const [form, text] of formsOf(canary)) expect(found(`before ${text} after`), form).not.toEqual([])
    for (const around of ['', 'a', 'ab'])
      expect(found(Buffer.from(`${around}${canary}, and more`).toString('base64'))).not.toEqual([])
  }
})

/** Those whose answers have the canaries, and what they are listed within. */
async function plantedTables({ registry }: Stance): Promise<string[]> {
  const operations = await recordedOperations(registry)
  const served = operations.filter(({ name }) => plants[`aws/${name.replace(':', '/')}`] !== undefined)
  expect(served).toHaveLength(Object.keys(plants).length)
  return [...new Set(['aws_lb', ...served.flatMap((one) => one.tables)])]
}

function planted(exchanges: Recording['exchanges']): Recording['exchanges'] {
  return exchanges.map((exchange) => {
    const plant = plants[`aws/${exchange.service}/${exchange.operation}`]
    if (plant === undefined || exchange.status !== 200) return exchange
    return { ...exchange, body: plant.plant(fromBody(exchange.body).toString('utf8')) }
  })
}

function found(text: string): string[] {
  return canaries.flatMap((canary) =>
    [...formsOf(canary)].filter(([, form]) => text.includes(form)).map(([name]) => `${canary} ${name}`),
  )
}

function formsOf(canary: string): Map<string, string> {
  return new Map([
    ['plain', canary],
    ['as XML', toXml(canary)],
    ['as JSON', JSON.stringify(canary).slice(1, -1)],
    ['as JSON in JSON', JSON.stringify(JSON.stringify(canary)).slice(3, -3)],
    ['in a URL', encodeURIComponent(canary)],
    ['in hex', Buffer.from(canary).toString('hex')],
    ...[0, 1, 2].map((offset) => [`in base64 at ${offset}`, middleOfBase64(canary, offset)] as const),
  ])
}

/** What of it stands in base64 whatever is around it, if it begins `offset` bytes after a border. */
function middleOfBase64(text: string, offset: number): string {
  return Buffer.from(`${'.'.repeat(offset)}${text}`)
    .toString('base64')
    .slice(offset === 0 ? 0 : 4, -4)
}

function toXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Every row of every table, ours and the lake's, as text. */
async function everythingIn(db: Reader): Promise<string> {
  const all = await db.query<{ name: string }>(
    `select t.table_schema || '.' || t.table_name as name from information_schema.tables t
     where t.table_schema in ('lake', 'stance') order by 1 nulls last`,
  )
  expect(all.length).toBeGreaterThan(40)
  const texts: string[] = []
  for (const { name } of all)
    texts.push(JSON.stringify(await db.query(`/* pull: a test reads whole tables */ select * from ${name}`)))
  return texts.join('\n')
}

async function everythingBelow(directory: string): Promise<[string, string][]> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  return Promise.all(
    files
      .filter((one) => one.isFile())
      .map(async (one): Promise<[string, string]> => {
        const path = join(one.parentPath, one.name)
        const bytes = await readFile(path)
        const text = (one.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
        return [path.slice(directory.length + 1), text]
      }),
  )
}
