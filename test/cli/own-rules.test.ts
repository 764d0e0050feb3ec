import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

const good = `title: S3 bucket blocks public lists of access
resource: aws_s3_bucket
pass: block_public_acls
severity: { attack_vector: no_authorization, impact: high }
why: Whoever can write a public list can open the bucket to everybody.
fix: { console: Switch it on., cli: aws s3api put-public-access-block, terraform: block_public_acls = true }
topics: [public access]
references: [https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html]
proofs:
  pass: [{ block_public_acls: true }]
  fail: [{ block_public_acls: false }]
`
const id = 'aws-s3-lists-stay-closed'

let place: Awaited<ReturnType<typeof makeWorkplace>>
const run = (...args: string[]) => stance(args, place.cwd)
const write = async (folder: string, name: string, text: string) => {
  await mkdir(join(place.cwd, folder, 'aws/s3'), { recursive: true })
  await writeFile(join(place.cwd, folder, 'aws/s3', name), text)
}

// Nothing answers there, so nothing leaves this machine.
const connection = 'connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n'
beforeAll(async () => {
  place = await makeWorkplace(`${connection}rules: { directories: [./mine] }\n`)
  await write('mine', 'lists-stay-closed.yaml', good)
  await write('broken', 'key.yaml', good.replace('title:', 'titel:').replace('impact: high', 'impact: hgh'))
  await write('broken', 'tab.yaml', 'title: x\nresource:\n\taws_s3_bucket\n')
  await write('broken', 'column.yaml', good.replace('pass: block_public_acls', 'pass: block_public_aclz'))
  await writeFile(
    join(place.cwd, 'broken.yaml'),
    `${connection}rules: { directories: [./broken, ./mine], disabled: [aws-s3-key] }\n`,
  )
})
afterAll(() => place.remove())

describe('a rule of one’s own, before the first scan', () => {
  it('that is not written as it should be is told by the path that was typed, also where it is tried', async () => {
    const tried = await run('rules', 'try', 'broken/aws/s3/key.yaml')
    expect(tried.code).toBe(2)
    expect(tried.stderr).toMatch(/broken\/aws\/s3\/key\.yaml:\d/)
    const { error } = JSON.parse((await run('rules', 'try', 'broken/aws/s3/key.yaml', '--json')).stderr)
    expect(error.message).toMatch(/^broken\/aws\/s3\/key\.yaml:\d/)
  })

  it('that asks a view is told what conditions read', async () => {
    const tags = `block_public_acls and exists (
  select 1 from resource_tag t where t.account_id = aws_s3_bucket.account_id)`
    const text = good.replace('pass: block_public_acls', `pass: >-\n  ${tags.replaceAll('\n', '\n  ')}`)
    await write('views', 'tags.yaml', text)
    for (const command of [['lint'], ['test'], ['show']]) {
      const { stdout, stderr } = await run('rules', ...command, 'views/aws/s3/tags.yaml')
      const said = `${stdout} ${stderr}`.replace(/\s+/g, ' ')
      expect(said, command.join(' ')).toContain('resource_tag is a view for `stance query`')
      expect(said).toContain('Tags cannot be judged yet.')
    }
  })

  it('with a proof that leaves a column out is told which', async () => {
    const text = good
      .replace('pass: block_public_acls', 'pass: block_public_acls and has_policy')
      .replace('pass: [{ block_public_acls: true }]', 'pass: [{ block_public_acls: true }]')
    await write('lacking', 'lists.yaml', text)
    const { code, stdout } = await run('rules', 'test', 'lacking/aws/s3/lists.yaml')
    expect(code).toBe(1)
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'proof 1 does not give has_policy, which the condition reads',
    )
  })

  it('can be shown, tested and tried by its id', async () => {
    const shown = await run('rules', 'show', id)
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/state +on/)
    expect((await run('rules', 'test', id)).stdout).toContain('All proofs hold')
    const tried = await run('rules', 'try', id)
    expect(tried.code).toBe(2)
    expect(tried.stderr).toContain(`The rule ${id} is in order, but there is nothing to judge yet`)
  })

  it('can be shown by its file, in use or not', async () => {
    const elsewhere = await run(
      'rules',
      'show',
      `mine/aws/s3/lists-stay-closed.yaml`,
      '--config',
      'broken.yaml',
    )
    expect(elsewhere.stdout).toMatch(/state +on/)
    await write('else', 'other.yaml', good)
    const { stdout } = await run('rules', 'show', 'else/aws/s3/other.yaml')
    expect(stdout).toMatch(/state +not in use: its folder is not in `rules\.directories`/)
    expect(stdout).toMatch(/file +else\/aws\/s3\/other\.yaml$/m)
    expect(stdout).toMatch(/What it would find: stance rules try else\/aws\/s3\/other\.yaml\n$/)
    expect((await run('rules', 'show', 'aws-s3-other')).stderr).toContain('`rules.directories`')
  })
})

describe('rules that are broken', () => {
  it('are lines of doctor, with file, line and remedy, and the rest is looked at', async () => {
    const { code, stdout } = await run('doctor', '--config', 'broken.yaml', '--json')
    expect(code).toBe(1)
    const { items } = JSON.parse(stdout)
    const rules = items.filter((one: { about: string }) => one.about === 'rules')
    expect(rules).toEqual([
      {
        about: 'rules',
        state: 'problem',
        message:
          'broken/aws/s3/key.yaml:1: there is no key `titel`.\nbroken/aws/s3/key.yaml:1: `title` is missing.\nbroken/aws/s3/key.yaml:4: `severity.impact` cannot be that: it is one of low, medium, high, critical.',
        next: expect.stringMatching(/^Did you mean `title`\? Known here: title, /),
      },
      {
        about: 'rules',
        state: 'problem',
        message: 'broken/aws/s3/tab.yaml:3:1: a tab is used as indentation; write spaces.',
        next: expect.any(String),
      },
      {
        about: 'rules',
        state: 'problem',
        message: expect.stringMatching(/^broken\/aws\/s3\/column\.yaml:3: pass: /),
        next: expect.stringContaining('block_public_acls'),
        excerpt: expect.stringContaining('^'),
      },
    ])
    const abouts = items.map((one: { about: string }) => one.about)
    expect(abouts.slice(abouts.lastIndexOf('rules') + 1)).toEqual([
      'network',
      'connection default',
      'permissions',
    ])
  })

  it('do not hide the others, and are told by their own id', async () => {
    const list = await run('rules', 'list', '--config', 'broken.yaml')
    expect(list.code).toBe(0)
    expect(list.stdout).toContain(id)
    expect(list.stderr).toContain(
      '4 rules or settings of rules cannot be used: `stance doctor --config broken.yaml` says why.',
    )
    expect((await run('rules', 'show', 'aws-s3-column', '--config', 'broken.yaml')).stderr).toContain(
      'column.yaml:3',
    )
    expect((await run('rules', 'try', 'aws-s3-tab', '--config', 'broken.yaml')).stderr).toContain(
      'tab.yaml:3:1',
    )
  })
})

it('lint tells each problem of a file with its own remedy, and counts them', async () => {
  const { stdout, code } = await run('rules', 'lint', 'broken/aws/s3/key.yaml')
  expect(code).toBe(1)
  // From where the person stands.
  expect(stdout.replace(/\s+/g, ' ')).toMatch(
    / broken\/aws\/s3\/key\.yaml:4: `severity\.impact` cannot be that: it is one of low, medium, high, critical\./,
  )
  expect(stdout).toMatch(/^3 problems in 1 file\.$/m)
  const fine = await run('rules', 'lint', 'mine/aws/s3/lists-stay-closed.yaml')
  expect(fine.stdout).toMatch(/run its proofs: stance rules test mine\/aws\/s3\/lists-stay-closed\.yaml\n$/)
})

it('a fact is known by its place: it is checked and proven as one, by file and by name', async () => {
  const file = 'facts/aws/aws_ebs_volume/is_big.yaml'
  const fact = `title: Of a terabyte or more
when: size_gib >= 1024
proofs: { 'true': [{ size_gib: 1024 }], 'false': [{ size_gib: 1023 }] }
`
  await mkdir(join(place.cwd, 'facts/aws/aws_ebs_volume'), { recursive: true })
  await writeFile(join(place.cwd, file), fact)
  expect(await run('rules', 'lint', file)).toMatchObject({ code: 0, stderr: '' })
  expect((await run('rules', 'test', file)).stdout).toMatch(/^All proofs hold: 1 rule or fact, /)
  await writeFile(join(place.cwd, file), fact.replace('size_gib: 1023', 'size_gib: 1025'))
  const failing = await run('rules', 'test', file)
  expect(failing.code).toBe(1)
  expect(failing.stdout).toMatch(/^aws_ebs_volume\.is_big$/m)
  await writeFile(join(place.cwd, file), fact.replace('when: size_gib', 'when: sise_gib'))
  expect((await run('rules', 'lint', file)).stdout).toMatch(/is_big\.yaml:2: when: .*sise/)
  expect((await run('rules', 'test', 'aws_instance.is_public')).stdout).toMatch(/^All proofs hold: 1 rule/)
  expect((await run('rules', 'try', file)).stderr).toContain('lies where a fact does')
})

it('lint refuses what a scan and doctor refuse, with and without paths', async () => {
  await write('laid', 'fits.yaml', good)
  await write('laid', 'My_Rule.yaml', good)
  await write('laid', 'bucket-blocks-public-access.yaml', good)
  await writeFile(join(place.cwd, 'laid/x.yaml'), good)
  await write('loose', 'script.yaml', good.replace('https://docs', 'javascript://docs'))
  await writeFile(join(place.cwd, 'loose/x.yaml'), good)
  await writeFile(
    join(place.cwd, 'laid.yaml'),
    `${connection}rules:
  directories: [./laid]
  only_on: { aws-s3-bucket-blocks-public-access: "nonsense = 1" }
  params: { aws-iam-access-key-is-rotated: { max_age_days: soon } }
`,
  )
  const problems = async (...args: string[]) => {
    const { code, stdout } = await run('rules', 'lint', ...args, '--config', 'laid.yaml', '--json')
    expect(code).toBe(1)
    const items: { file: string; code: string; message: string }[] = JSON.parse(stdout).items
    return items.map(({ file, code, message }) => `${relative(place.cwd, file)} ${code} ${message}`)
  }
  const laid = [
    expect.stringMatching(/^laid\/aws\/s3\/My_Rule\.yaml RULE_FILE_PLACE/),
    expect.stringMatching(/^laid\/aws\/s3\/bucket-blocks-public-access\.yaml RULE_SAME_ID/),
    expect.stringMatching(/^laid\/x\.yaml RULE_FILE_PLACE/),
  ]
  expect(await problems('laid')).toEqual(laid)
  expect(await problems()).toEqual([
    ...laid,
    expect.stringMatching(
      /^laid\.yaml RULE_PARAM_VALUE .*laid\.yaml:5:60: rules\.params\.aws-iam-access-key-is-rotated\.max_age_days must be a whole number from 1 to 3650\.$/,
    ),
    expect.stringMatching(/^laid\.yaml CONDITION_UNKNOWN_COLUMN .*laid\.yaml:4:\d+: rules\.only_on\.aws-s3/),
  ])
  expect(await problems('loose')).toEqual([
    expect.stringMatching(/script\.yaml RULE_FILE_CONTENT .*references/),
    expect.stringMatching(/^loose\/x\.yaml RULE_FILE_PLACE/),
  ])
})

describe('a parameter that cannot be meant', () => {
  const key = 'aws-iam-access-key-is-rotated'
  it.each([
    [`${key}: { max_age_days: -5 }`, `${key}.max_age_days must be a whole number from 1 to 3650.`],
    [`${key}: { max_age_days: 0 }`, 'from 1 to 3650.'],
    [`${key}: { max_age_days: 90.5 }`, 'must be a whole number from 1 to 3650.'],
    [`${key}: { max_age_days: "90" }`, 'must be a whole number from 1 to 3650.'],
    [`${key}: { max_age_days: [soon] }`, 'must be a whole number from 1 to 3650.'],
    [`${key}: { max_age_days: 99999999999999 }`, 'from 1 to 3650.'],
    ['aws-iam-password-policy-demands-length: { minimum_length: 500 }', 'from 6 to 128.'],
    ['aws-iam-role-of-administrators-trusts-own-account-only: { management_account_id: 1 }', 'must be text.'],
    [`${key}: { max_age_day: 60 }`, `${key} has no parameter max_age_day.`],
    [
      'aws-iam-access-key-is-rotatet: { max_age_days: 60 }',
      'aws-iam-access-key-is-rotatet, which there is not',
    ],
  ])('is refused at its line, with what to write: %s', async (params, said) => {
    await writeFile(join(place.cwd, 'wrong.yaml'), `${connection}rules:\n  params:\n    ${params}\n`)
    const { code, stdout } = await run('doctor', '--config', 'wrong.yaml', '--json')
    expect(code).toBe(1)
    const [problem] = JSON.parse(stdout).items.filter((one: { about: string }) => one.about === 'rules')
    expect(problem).toMatchObject({ state: 'problem', message: expect.stringContaining(said) })
    expect(problem.message).toMatch(/wrong\.yaml:4:\d+[: ]/)
    expect(problem.next).toMatch(
      /Write it like `\w+: |Did you mean (max_age_days|aws-iam-access-key-is-rotated)\?/,
    )
    const scanned = await run('scan', '--config', 'wrong.yaml')
    expect(scanned).toMatchObject({ code: 2, stdout: '' })
    expect(scanned.stderr.replace(/\s+/g, ' ')).toContain('wrong.yaml:4:')
  })

  it('is known from `rules show`', async () => {
    const { stdout } = await run('rules', 'show', key)
    expect(stdout).toMatch(/max_age_days +90 +90 +1 to 3650 /)
    const { params } = JSON.parse((await run('rules', 'show', key, '--json')).stdout)
    expect(params).toMatchObject([{ name: 'max_age_days', min: 1, max: 3650 }])
  })
})

it.each([
  ['disabled: [aws-s3-bucket-is-not-public, aws-iam-access-key-is-rotatet]', 43],
  ['only_on: { aws-iam-access-key-is-rotatet: "true" }', 45],
])(
  'a rule that there is not is told at its place, with the one that may be meant: %s',
  async (said, column) => {
    await writeFile(join(place.cwd, 'wrong.yaml'), `${connection}rules:\n  ${said}\n`)
    const { code, stdout, stderr } = await run('scan', '--config', 'wrong.yaml')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const told = stderr.replace(/\s+/g, ' ')
    expect(told).toContain(
      `wrong.yaml:3:${column} names a rule aws-iam-access-key-is-rotatet, which there is not.`,
    )
    expect(told).toContain('Did you mean aws-iam-access-key-is-rotated?')
  },
)

it('a service has the same words in every command', async () => {
  const words = ['s3', 's3control', 'elbv2', 'elasticloadbalancingv2', 'account', 'iam', 'organizations']
  for (const word of words)
    for (const command of [
      ['tables', 'list'],
      ['rules', 'list'],
    ])
      expect(await run(...command, '--service', word), `${command} ${word}`).toMatchObject({ code: 0 })
  expect((await run('tables', 'list', '--service', 'account')).stdout).toContain('aws_account')
  for (const command of ['tables list', 'rules list', 'scan']) {
    const { code, stderr } = await run(...command.split(' '), '--service', 'acount')
    expect(code).toBe(2)
    expect(stderr).toContain('Did you mean account?')
  }
})

it('hints are fit to be typed: they carry what was given', async () => {
  const { stderr } = await run('findings', '--config', 'broken.yaml', '--demo')
  expect(stderr).toContain('`stance demo --config broken.yaml`')
})
