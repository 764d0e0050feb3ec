import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { credentialsOf, makeWorkplace, settingsFor, stance } from './stance-process.fixture.ts'

const minutes = 180_000
const rule = `title: Security group is called nobody
resource: aws_security_group
pass: group_name = 'nobody'
severity: { attack_vector: no_authorization, impact: high }
why: Each group that there is has to fail here.
fix: { console: Name it otherwise., cli: aws ec2 describe-security-groups, terraform: name = "nobody" }
topics: [networks]
references: [https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html]
proofs:
  pass: [{ group_name: nobody }]
  fail: [{ group_name: web }]
`

motoDescribe('what a pipeline hears (moto)', () => {
  let account: MotoAccount
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  const run = (...args: string[]) => stance(args, place.cwd)
  const scan = async (...args: string[]) => {
    const { stdout } = await run('scan', ...args, '--json')
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  }
  const plain = (text: string) => text.replace(/\s+/g, ' ')

  beforeAll(async () => {
    account = await motoAccount()
    place = await makeWorkplace(settingsFor(account))
    Object.assign(process.env, credentialsOf(account))
    await scan('--service', 's3,kms,ec2')
  }, minutes)
  afterAll(() => place.remove())

  it('of findings that a narrowed scan makes elsewhere, at once', { timeout: minutes }, async () => {
    await mkdir(join(place.cwd, 'mine/aws/ec2'), { recursive: true })
    await writeFile(join(place.cwd, 'mine/aws/ec2/called-nobody.yaml'), rule)
    const config = ['--config', 'mine.yaml']
    await writeFile(join(place.cwd, 'mine.yaml'), `${settingsFor(account)}rules: { directories: [./mine] }\n`)
    const summary = await scan('--service', 'kms', ...config)
    expect(summary.events.failed ?? 0).toBe(0)
    expect(summary.outside.events.failed).toBeGreaterThan(0)
    const again = await run('scan', '--service', 'kms', ...config)
    expect(plain(again.stdout)).not.toContain('Outside of what was asked for')
    const tried = await run(
      'rules',
      'try',
      'is_default',
      '--table',
      'aws_security_group',
      '--at',
      '2020-01-01',
    )
    expect(tried.code).toBe(2)
    expect(plain(tried.stderr)).toContain('The first scan began at')
    const without = await run('scan', '--service', 'kms')
    expect(plain(without.stdout)).toContain('Outside of what was asked for: ')
  })

  it('of a scan that has no account to read', { timeout: minutes }, async () => {
    const id = account.accountId
    const off = settingsFor(account).replace('regions:', `off_accounts: ["${id}"]\n    regions:`)
    await writeFile(join(place.cwd, 'off.yaml'), off)
    const config = ['--config', 'off.yaml']
    const doctor = await run('doctor', ...config)
    expect(doctor.code).toBe(1)
    expect(plain(doctor.stdout)).toContain('No account is left to read: `off_accounts` names all of them.')
    const refused = await run('scan', '--account', id, ...config)
    expect(refused.code).toBe(2)
    expect(plain(refused.stderr)).toContain(`There is nothing to read: ${id} is switched off`)
    const { stdout, stderr, code } = await run('scan', '--fail-on', 'critical', ...config)
    expect(code).toBe(2)
    expect(plain(stderr)).toContain(`Nothing is read: no account is left to read: ${id} is off`)
    expect(plain(stdout)).toContain(`(exit code 2: no account is left to read: ${id} is off`)
    expect(await scan(...config)).toMatchObject({ entered_none: true, accounts_off: [id], exit_code: 2 })

    // What there was can still be asked for.
    for (const command of ['findings', 'resources', 'coverage']) {
      const said = await run(command, ...config)
      expect(said.code, command).toBe(0)
      expect(plain(said.stdout), command).toContain(`${id} is switched off`)
    }
    const closed = await run('findings', '--closed', '--json', ...config)
    expect(JSON.parse(closed.stdout).total).toBeGreaterThan(0)
    expect((await run('query', 'select count(*) from finding_history', ...config)).code).toBe(0)
    expect((await run('doctor')).stdout).toMatch(/last scan .*, done/)
    const back = await run('scan', '--service', 'kms', '--fail-on', 'never')
    expect(back.code).toBe(0)
  })
})
