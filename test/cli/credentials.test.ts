import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeWorkplace, startStance } from './stance-process.fixture.ts'

let place: Awaited<ReturnType<typeof makeWorkplace>>
const run = (env: Record<string, string>, ...args: string[]) =>
  startStance(args, place.cwd, { AWS_EC2_METADATA_DISABLED: 'true', HOME: place.cwd, ...env }).ended

beforeAll(async () => {
  place = await makeWorkplace()
  await mkdir(join(place.cwd, '.aws'))
  await writeFile(
    join(place.cwd, '.aws/config'),
    '[default]\nregion = eu-west-1\n[profile audit]\nregion = eu-west-1\n[sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://company.awsapps.com/start\n' +
      '[profile single]\nsso_session = company\nsso_account_id = 111122223333\nsso_role_name = audit\n' +
      '[profile chained]\nsource_profile = zz\nrole_arn = arn:aws:iam::111122223333:role/audit\n' +
      `[profile ended]\ncredential_process = ${process.execPath} -p "JSON.stringify({Version:1,AccessKeyId:'a',SecretAccessKey:'b',Expiration:'2020-01-01T00:00:00Z'})"\n`,
  )
  await writeFile(join(place.cwd, '.aws/credentials'), '[old]\naws_access_key_id = x\n')
})
afterAll(() => place.remove())

it('a profile that is not there is named, with the files and those that are', async () => {
  const { code, stderr } = await run({ AWS_PROFILE: 'audti' }, 'scan', '--json')
  expect(code).toBe(2)
  const { error } = JSON.parse(stderr)
  expect(error.code).toBe('COLLECT_CREDENTIALS_MISSING')
  expect(error.message).toContain('There is no profile "audti", which AWS_PROFILE names')
  expect(error.message).toContain(join(place.cwd, '.aws/config'))
  expect(error.message).toContain(join(place.cwd, '.aws/credentials'))
  expect(error.next).toContain('Did you mean audit? There are: audit, chained, default, ended, old, single.')
  expect(error.next).not.toContain('stance doctor')
  const looked = await run({ AWS_PROFILE: 'audti' }, 'doctor', '--json')
  const { items } = JSON.parse(looked.stdout)
  expect(items.find((one: { about: string }) => one.about === 'connection default')).toMatchObject({
    message: error.message,
    next: expect.stringContaining('Did you mean audit?'),
  })
})

it('where no profile is there at all, the next step makes one', async () => {
  const elsewhere = {
    AWS_CONFIG_FILE: join(place.cwd, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(place.cwd, 'no'),
  }
  const { stderr } = await run({ AWS_PROFILE: 'audit', ...elsewhere }, 'scan')
  expect(stderr.replace(/\s+/g, ' ')).toContain('`aws configure sso --profile audit`')
})

it('a region that there is not is told as such, not as a broken network', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-key' }
  const { code, stderr } = await run({ ...keys, AWS_REGION: 'eu-wets-1' }, 'scan', '--json')
  expect(code).toBe(2)
  const { error } = JSON.parse(stderr)
  expect(error).toMatchObject({
    code: 'COLLECT_REGION_UNKNOWN',
    next: expect.stringContaining('Did you mean eu-west-1?'),
  })
  expect(error.next).toContain('AWS_REGION')
})

it('an SSO session that has ended names the profile to renew, whoever named it', async () => {
  const ways: [env: Record<string, string>, settings: string][] = [
    [{ AWS_PROFILE: 'single' }, '{}\n'],
    [{}, 'connections: [{ profile: single }]\n'],
  ]
  for (const [env, settings] of ways) {
    await writeFile(join(place.cwd, 'named.yaml'), settings)
    const { code, stderr } = await run(env, 'scan', '--json', '--config', 'named.yaml')
    expect(code).toBe(2)
    const { error } = JSON.parse(stderr)
    expect(error).toMatchObject({
      code: 'COLLECT_CREDENTIALS_EXPIRED',
      message: 'The SSO session of the profile "single" has ended.',
      next: expect.stringContaining('Renew it: `aws sso login --profile single`.'),
    })
  }
})

it('what makes a profile or the environment give no keys is named', async () => {
  const cases: [env: Record<string, string>, message: string, next: string][] = [
    [{ AWS_PROFILE: 'chained' }, 'its source_profile "zz" is not there', 'audit, chained'],
    [{ AWS_PROFILE: 'ended' }, 'its credential_process failed, or the keys', '--profile ended'],
    [{ AWS_ACCESS_KEY_ID: 'x' }, 'AWS_SECRET_ACCESS_KEY is not', 'Set AWS_SECRET_ACCESS_KEY'],
  ]
  // Also where accounts are listed: nobody could sign in at all.
  await writeFile(join(place.cwd, 'listed.yaml'), 'connections: [{ accounts: ["111122223333"] }]\n')
  for (const [env, message, next] of cases) {
    const { code, stderr } = await run(env, 'scan', '--json', '--config', 'listed.yaml')
    expect(code).toBe(2)
    const { error } = JSON.parse(stderr)
    expect(error.code).toBe('COLLECT_CREDENTIALS_MISSING')
    expect(error.message).toContain(message)
    expect(error.next).toContain(next)
    expect(error.next).not.toContain('Set AWS_PROFILE')
  }
})
