import { expect, it } from 'vitest'
import { parseCredentialReport } from './parse-credential-report.ts'

const account = 'arn:aws:iam::111122223333:'
const names = [
  ...['user', 'arn', 'user_creation_time', 'password_enabled', 'password_last_used', 'mfa_active'],
  ...['access_key_1_active', 'access_key_1_last_used_service'],
]
const values = ['2026-01-01T00:00:00+00:00', 'true', 'no_information', 'false', 'true', 's3']
const root = ['<root_account>', `${account}root`, ...values]

function lineOf(user: string, path = '/'): string {
  return [user, `${account}user${path}${user}`, ...values].join(',')
}

function read(...lines: string[]) {
  const text = [names.join(','), ...lines].join('\n')
  return parseCredentialReport({ Content: Buffer.from(`${text}\n`).toString('base64') })
}

const rowOf = (user: string, path = '/') => {
  const all = [user, `${account}user${path}${user}`, ...values]
  return Object.fromEntries(names.map((name, at) => [name, all[at]]))
}

it.each<[string, string?]>([
  ['alice'],
  ['smith,john'],
  [',,'],
  ['a=b,c@d+e,f.g-h'],
  ['eve', '/a,b/'],
  ['x,y', '/true,false/N/A,/'],
  ['mallory', `/,${account}user/alice,2026-01-01T00:00:00+00:00,true,no_information,true,false,N/A,/`],
  ['quoted', '/"a,b",c"/,"/'],
])('reads the line of %s in %s', (user, path) => {
  const { users } = read(root.join(','), lineOf(user, path), lineOf('zoe'))
  expect(users.slice(1)).toEqual([rowOf(user, path), rowOf('zoe')])
})

it('reads fields in quotes', () => {
  const [user, path] = ['smith,john', '/the "big", one/']
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const line = [user, `${account}user${path}${user}`, ...values].map(quote).join(',')
  expect(read(root.map(quote).join(','), line).users[1]).toEqual(rowOf(user, path))
  expect(read(root.join(','), line).root).toHaveLength(1)
})

it.each([
  ['too short', lineOf('smith,john').replace(',s3', '')],
  ['too long', `${lineOf('smith,john')},more`],
  ['without its columns', `smith,john,${account}user/smith,john`],
])('knows of a line that is %s whose it is, and no more', (_, line) => {
  const { users } = read(root.join(','), line, lineOf('zoe'))
  expect(users.slice(1)).toEqual([{ user: 'smith,john', arn: `${account}user/smith,john` }, rowOf('zoe')])
})

it.each([
  ['cut off in its name', 'smith,jo'],
  ['cut off in its ARN', `smith,john,${account}user/smi`],
  ['empty', ''],
  ['somebody else’s', `smith,john,${account}user/zoe,more,${values.join(',')}`],
])('leaves out a line that is %s', (_, line) => {
  expect(read(root.join(','), lineOf('zoe'), line, lineOf('ann')).users.slice(1)).toEqual([
    rowOf('zoe'),
    rowOf('ann'),
  ])
})

it('refuses what is no report', () => {
  expect(() => read()).toThrow('there is no report in it')
  expect(() => read('<html>')).toThrow('no line of the report')
  expect(() => parseCredentialReport({})).toThrow('there is no report in it')
  const page = Buffer.from('<html>\n<p>no</p>').toString('base64')
  expect(() => parseCredentialReport({ Content: page })).toThrow('there is no report in it')
})
