import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StanceError } from '../core/errors.ts'
import { type LoadedConfig, loadConfig } from './load-config.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'stance-config-'))
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

async function load(yaml: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
  if (yaml !== undefined) await writeFile(join(cwd, 'stance.yaml'), yaml)
  return loadConfig({ env, cwd })
}

/** The lines of the error, with the file's path shortened to its name. */
async function problems(yaml: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  try {
    await load(yaml, env)
  } catch (error) {
    expect(error).toBeInstanceOf(StanceError)
    expect((error as StanceError).code).toBe('CONFIG_INVALID')
    return (error as StanceError).message.replaceAll(`${cwd}/`, '').split('\n')
  }
  return []
}

describe('what is said nowhere', () => {
  it('has a default: one connection, the embedded database', async () => {
    const config = await load(undefined)
    expect(config.file).toBeUndefined()
    expect(config.database).toEqual({
      url: undefined,
      path: join(cwd, '.stance', 'stance.duckdb'),
      memory_limit: 'automatic',
    })
    expect(config.connections).toMatchObject([{ name: 'default', provider: 'aws', regions: 'automatic' }])
    expect(config.collect).toMatchObject({ stale_after: 86_400_000, inventory: 'daily' })
    expect(config.scan.fail_on).toBe('high')
  })

  it('is also what a section of comments, or an empty file, says', async () => {
    expect((await load('collect:\n  # concurrency: 3\nconnections:\n')).collect.concurrency).toBe(32)
    expect((await load('')).collect.concurrency).toBe(32)
  })
})

describe('stance.yaml', () => {
  it('gives durations in milliseconds, sizes in bytes, paths from its own folder', async () => {
    await mkdir(join(cwd, 'etc'))
    const file = join(cwd, 'etc', 'other.yaml')
    await writeFile(
      file,
      [
        'data_directory: data',
        'database: { memory_limit: 2GiB }',
        'collect: { stale_after: 7d, cell_time_budget: 90s }',
        'rules: { directories: [mine, /else/where], params: { aws-x: { max_age_days: 30 } } }',
        'connections:',
        '  - name: production',
        '    role_arn: arn:aws-us-gov:iam::{account}:role/stance',
        '    external_id: shared-with-us',
        '    accounts: ["111122223333", "444455556666"]',
        '    regions: [us-gov-west-1]',
      ].join('\n'),
    )
    const config = loadConfig({ file, env: {}, cwd })
    expect(config.file).toBe(file)
    expect(config.data_directory).toBe(join(cwd, 'etc', 'data'))
    expect(config.database.path).toBe(join(cwd, 'etc', 'data', 'stance.duckdb'))
    expect(config.database.memory_limit).toBe(2 * 2 ** 30)
    expect(config.collect).toMatchObject({ stale_after: 604_800_000, cell_time_budget: 90_000 })
    expect(config.rules.directories).toEqual([join(cwd, 'etc', 'mine'), '/else/where'])
    expect(config.rules.params).toEqual({ 'aws-x': { max_age_days: 30 } })
    expect(config.connections[0]).toMatchObject({
      accounts: ['111122223333', '444455556666'],
      session_name: 'stance',
    })
  })

  it('that was named and is not there is an error with the next step', async () => {
    expect(() => loadConfig({ file: 'gone.yaml', env: {}, cwd })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_FILE_UNREADABLE',
        next: expect.stringContaining('`stance init gone.yaml`'),
      }),
    )
    expect(() => loadConfig({ env: { STANCE_CONFIG: 'gone.yaml' }, cwd })).toThrow(/gone\.yaml/)
  })

  it.skipIf(process.platform === 'win32')('that is a pipe nobody writes into is not waited for', () => {
    execFileSync('mkfifo', [join(cwd, 'pipe.yaml')])
    expect(() => loadConfig({ file: 'pipe.yaml', env: {}, cwd })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_FILE_UNREADABLE',
        message: expect.stringContaining('is no file'),
      }),
    )
  })

  it('says what an address of PostgreSQL may be', () => {
    const env = { DATABASE_URL: 'postgres://db.example.com:99999/stance' }
    expect(() => loadConfig({ env, cwd })).toThrow(/its port up to 65535/)
  })
})

it('a path is no address, which holds a password', async () => {
  const told = await problems(
    'data_directory: postgres://u:s3cret@h/db\ndatabase: { path: "postgresql://u:s3cret@h/db" }\n',
  )
  expect(told).toHaveLength(2)
  for (const one of told) {
    expect(one).toContain('`database.url` takes one')
    expect(one).not.toContain('s3cret')
  }
})

const addresses = [
  "'postgres://u:s3cret@h/db'",
  ' postgres://u:s3cret@h/db',
  'jdbc:postgresql://u:s3cret@h/db',
  'postgres:/u:s3cret@h/db',
  './postgres:/u:s3cret@h/db',
  'u:s3cret@h/db',
  ':s3cret@h',
]
it.each(addresses)('nor is %s', async (said) => {
  const variables = [
    'STANCE_DATABASE_PATH',
    'STANCE_DATA_DIRECTORY',
    'STANCE_NETWORK_CA_BUNDLE',
    'STANCE_RULES_DIRECTORIES',
    'STANCE_COLLECT_RECORD_DIRECTORY',
  ]
  const env = Object.fromEntries(variables.map((name) => [name, said]))
  const inFile = `data_directory: ${JSON.stringify(said)}\ndatabase: { path: ${JSON.stringify(said)} }\n`
  for (const told of [await problems('', env), await problems(inFile)]) {
    expect(told).toHaveLength(told.length > 2 ? variables.length : 2)
    expect(told.join()).not.toContain('s3cret')
  }
})

it.each(['/data/me@work/x', './a:b', 'C:\\Users\\me@work\\x', 'd:/me@work'])(
  'but %s is a path',
  async (said) => {
    expect((await load('', { STANCE_DATA_DIRECTORY: said })).data_directory).toContain(said.replace('./', ''))
  },
)

describe('the environment', () => {
  it('is read without the blanks and quotes of a file of variables', async () => {
    const config = await load('', {
      DATABASE_URL: ' "postgresql://environment/x" ',
      STANCE_DATA_DIRECTORY: "'/data/x' ",
      STANCE_SCAN_FAIL_ON: '"low"',
      STANCE_COLLECT_CONCURRENCY: ' 3\n',
    })
    expect(config).toMatchObject({
      data_directory: '/data/x',
      database: { url: 'postgresql://environment/x' },
      scan: { fail_on: 'low' },
      collect: { concurrency: 3 },
    })
    expect(await problems('', { DATABASE_URL: "''" })).toEqual([expect.stringContaining('set to nothing')])
  })

  it('wins over the file; set to nothing it says nothing', async () => {
    const yaml = 'collect: { concurrency: 3 }\nscan: { fail_on: low }\ndatabase: { url: postgres://file/x }'
    const config = await load(yaml, {
      STANCE_COLLECT_CONCURRENCY: '7',
      STANCE_SCAN_FAIL_ON: '',
      STANCE_SCAN_FAIL_ON_UNKNOWN: 'true',
      STANCE_RULES_DISABLED: 'aws-a, aws-b',
      STANCE_DATA_DIRECTORY: 'here',
      DATABASE_URL: 'postgresql://environment/x',
      https_proxy: 'http://proxy.example.com:3128',
    })
    expect(config.collect.concurrency).toBe(7)
    expect(config.scan).toEqual({ fail_on: 'low', fail_on_unknown: true })
    expect(config.rules.disabled).toEqual(['aws-a', 'aws-b'])
    expect(config.data_directory).toBe(join(cwd, 'here'))
    expect(config.database.url).toBe('postgresql://environment/x')
    expect(config.network.https_proxy).toBe('http://proxy.example.com:3128')
  })

  it('says nothing of the database where its variable is empty: nobody means that', async () => {
    const yaml = 'database: { url: postgres://file/x }'
    for (const file of [undefined, yaml])
      expect(await problems(file, { DATABASE_URL: '' })).toEqual([
        'environment variable DATABASE_URL: it is set to nothing, as where a secret is missing; set it, or unset it for the embedded database',
      ])
  })

  it('is named in its errors; what looks like a slip of the pen is one, what Kubernetes sets is not', async () => {
    const env = {
      STANCE_COLLECT_CONCURRENCY: 'many',
      STANCE_COLECT_INVENTORY: 'full',
      STANCE_DATABASE_URL: 'postgres://x/y',
      STANCE_PORT: 'tcp://10.0.0.1:80',
      STANCE_PORT_8080_TCP_ADDR: '10.0.0.1',
      STANCE_SERVICE_HOST: '10.0.0.1',
      STANCE_CONECTIONS: 's3cret',
    }
    expect((await problems(undefined, env)).sort()).toEqual([
      'environment variable STANCE_COLECT_INVENTORY: this variable is not read; did you mean STANCE_COLLECT_INVENTORY?',
      'environment variable STANCE_COLLECT_CONCURRENCY: collect.concurrency must be a whole number from 1 to 1024',
      'environment variable STANCE_CONECTIONS: this variable is not read; `connections` is set in the file of settings only',
      'environment variable STANCE_DATABASE_URL: this variable is not read; did you mean DATABASE_URL?',
    ])
  })
})

describe('errors name file, line, column, setting and remedy', () => {
  it.each([
    [
      'collect:\n  concurency: 3',
      'stance.yaml:2:3: there is no setting collect.concurency; did you mean concurrency?',
    ],
    ['scam:\n  fail_on: low', 'stance.yaml:1:1: there is no setting scam; did you mean scan?'],
    [
      'scan:\n  zebra: 1',
      'stance.yaml:2:3: there is no setting scan.zebra; known here: fail_on, fail_on_unknown',
    ],
    [
      'collect:\n  stale_after: 24',
      'stance.yaml:2:16: collect.stale_after must be a duration such as 90s, 15m, 24h or 7d, for example 24h',
    ],
    [
      'scan: { fail_on: hihg }',
      'stance.yaml:1:18: scan.fail_on must be one of info, low, medium, high, critical, never',
    ],
    ['scan: 3', 'stance.yaml:1:7: scan must be a mapping of names to values'],
    ['- a', 'stance.yaml:1:1: the file must be a mapping of names to values'],
    ['connections:\n  name: a', 'stance.yaml:2:3: connections must be a list: begin each entry with "- "'],
    [
      'connections:\n  - name: a\n    accounts: ["111122223333", 12]',
      'stance.yaml:3:32: connections[0].accounts must be automatic, or a list of account ids of 12 digits, each in quotes, for example ["111122223333", "444455556666"]',
    ],
    [
      'connections:\n  - name: a\n  - name: a',
      'stance.yaml:3:11: connections[1].name: connections[0] has this name too; give each its own',
    ],
    [
      'connections:\n  - external_id: abc',
      'stance.yaml:2:18: connections[0].external_id: it belongs to a role; set role_arn too, or remove it',
    ],
    [
      'connections:\n  - organization: true\n    role_arn: arn:aws:iam::111122223333:role/x',
      'stance.yaml:3:15: connections[0].role_arn: one role cannot enter several accounts; write {account} for the account id',
    ],
    [
      'log: &a [*a]',
      'stance.yaml:1:10: an alias (*…) stands within what it names, which has no end; write the value out there',
    ],
    [
      'log: &log\n  level: warn\nscan: &b\n  fail_on: { of: [*log, *b] }',
      'stance.yaml:4:25: an alias (*…) stands within what it names, which has no end; write the value out there',
    ],
    [
      'a: 1\na: 2',
      'stance.yaml:2:1: `a` stands twice, the first time in line 1; write all of it in one place',
    ],
    [
      'connections:\n- name: x\nprofile: y',
      'stance.yaml:3:1: there is no setting profile; it belongs below an entry of connections: look at the indentation',
    ],
    ['database: { urll }', 'stance.yaml:1:13: there is no setting database.urll; did you mean url?'],
    [
      'data_directory: !!js/function "function(){}"',
      'stance.yaml:1:17: a tag (!…) means nothing here; put text that begins with ! in quotes',
    ],
    ['a:\n\t- b', 'stance.yaml:2:1: a tab is used as indentation; write spaces'],
  ])('%j', async (yaml, expected) => {
    expect(await problems(yaml)).toEqual([expected])
  })

  it('names every problem at once', async () => {
    expect(await problems('scan: { fail_on: x }\ncollect: { concurrency: 0 }')).toHaveLength(2)
  })
})

describe('a file that is none of settings', () => {
  const most = 256 * 1024
  const filled = (head: string, line: (at: number) => string) => {
    const lines = [head]
    for (let bytes = head.length, at = 0; ; at++) {
      const next = line(at)
      bytes += next.length
      if (bytes > most) return lines.join('')
      lines.push(next)
    }
  }

  // Each of these took from 10 s to minutes; what the clock says on a busy machine is no finer than this.
  it.each([
    ['one key again and again', filled('', () => 'a: 1\n')],
    ['ever other keys', filled('', (at) => `a${at.toString(36)}:\n`)],
    ['lists that name themselves', filled('', (at) => `- &a${at} [*a${at}]\n`)],
  ])('is told in a moment: %s', async (_, yaml) => {
    expect(yaml.length).toBeGreaterThan(most - 20)
    const began = performance.now()
    const told = await problems(yaml)
    expect(performance.now() - began).toBeLessThan(8_000)
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThan(60)
  })

  it('is not looked at when it is larger', async () => {
    await expect(load('#'.repeat(most))).resolves.toBeDefined()
    await expect(load('#'.repeat(most + 1))).rejects.toMatchObject({ code: 'CONFIG_FILE_SIZE' })
  })
})

describe('secrets', () => {
  const secret = 'hunter2-very-secret'

  it.each([
    ['in an address that is refused', `database:\n  url: mysql://u:${secret}@db/x`],
    ['that YAML takes for an alias', `database:\n  url: *${secret}`],
    ['that breaks YAML', `database:\n  url: "postgres://u:${secret}@db/x\nscan: {`],
    ['in the place of a name', `database:\n  "postgres://u:${secret}@db/x": 1`],
    ['in the place of a section', `database: postgres://u:${secret}@db/x`],
    [
      'of a connection',
      `connections:\n  - role_arn: arn:aws:iam::111122223333:role/x\n    external_id: "${secret} !"`,
    ],
    ['that is a tag', `database:\n  url: !${secret} [x]`],
  ])('are not echoed: %s', async (_name, yaml) => {
    await writeFile(join(cwd, 'stance.yaml'), yaml)
    const error = await load(yaml).then(
      () => undefined,
      (thrown: StanceError) => thrown,
    )
    expect(error).toBeInstanceOf(StanceError)
    expect(JSON.stringify([error, error?.message, error?.stack, String(error?.cause)])).not.toContain(secret)
  })
})
