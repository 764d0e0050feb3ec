import { expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'

const narrowing = { accounts: [careless], services: ['iam'] }
const itself = 'arn:aws:iam::*:user/${aws:username}'
const users = `arn:aws:iam::${careless}:user`
const becomes = 'aws-iam-user-cannot-become-administrator'
const is = 'aws-iam-user-is-no-administrator'

const allow = (statement: object) => ({ Effect: 'Allow', ...statement })
const roles = `arn:aws:iam::${careless}:role`
const all = [allow({ Action: '*', Resource: '*' })]
const storage = allow({ Action: 's3:*', Resource: '*' })
const removing = allow({ Action: 'iam:DeleteUserPermissionsBoundary', Resource: itself })
type Verdicts = Readonly<Record<string, string>>
const cases: readonly [what: string, statements: object[], verdicts: Verdicts, boundary?: object[]][] = [
  [
    'keys of its own',
    [allow({ Action: 'iam:*AccessKey*', Resource: itself })],
    { [becomes]: 'pass', [is]: 'pass' },
  ],
  [
    'policies of its own',
    [allow({ Action: 'iam:PutUserPolicy', Resource: itself })],
    { [becomes]: 'fail', [is]: 'pass' },
  ],
  [
    'policies of its own, by name',
    [allow({ Action: 'iam:AttachUserPolicy', Resource: `${users}/cid` })],
    { [becomes]: 'fail', [is]: 'pass' },
  ],
  [
    'policies of another one',
    [allow({ Action: 'iam:AttachUserPolicy', Resource: `${users}/dora` })],
    { [becomes]: 'pass', [is]: 'pass' },
  ],
  [
    'keys of all but one',
    [allow({ Action: 'iam:CreateAccessKey', NotResource: `${users}/root` })],
    { [becomes]: 'fail', [is]: 'pass' },
  ],
  [
    'policies of its own, and all but IAM',
    [allow({ Action: 'iam:*', Resource: itself }), allow({ NotAction: 'iam:*', Resource: '*' })],
    { [is]: 'fail' },
  ],
  [
    'roles of a prefix, made and given policies',
    [allow({ Action: ['iam:CreateRole', 'iam:PutRolePolicy'], Resource: `${roles}/app-*` })],
    { [becomes]: 'fail', [is]: 'pass' },
  ],
  [
    'roles of one prefix made, of another given policies',
    [
      allow({ Action: 'iam:CreateRole', Resource: `${roles}/app-*` }),
      allow({ Action: 'iam:PutRolePolicy', Resource: `${roles}/web-*` }),
    ],
    { [becomes]: 'pass', [is]: 'pass' },
  ],
  ['everything within a boundary', all, { [becomes]: 'pass', [is]: 'pass' }, [storage]],
  ['everything within a boundary that it removes', all, { [is]: 'fail' }, [storage, removing]],
]

eachScannedStore(
  'a user with an inline policy',
  { copies: 'one for all', read: 'little', engines: oneEngine() },
  (scanned) => {
    const day = daysOfEstate()

    it.each(cases)('over %s', { timeout: longest }, async (_, statements, verdicts, boundary) => {
      const { stance, estate } = scanned()
      const today = await day({ clock: estate.clock, edit: given(statements, boundary) })
      await today.scan(stance, { narrowing })
      const found = await stance.db.query<{ rule_id: string; verdict: string }>(
        `select f.rule_id, f.verdict from lake.aws_iam_user u
       join stance.finding f on f.account_id = u.account_id and f.resource_key = u.resource_key
       where u.account_id = $1 and u.user_name = 'cid' and f.rule_id in ($2, $3) and f.verdict is not null`,
        [careless, becomes, is],
      )
      expect(Object.fromEntries(found.map(({ rule_id, verdict }) => [rule_id, verdict]))).toEqual(verdicts)
    })
  },
)

function given(statements: readonly object[], boundary: readonly object[] | undefined) {
  const policy = `<PolicyName>own</PolicyName><PolicyDocument>${toDocument(statements)}</PolicyDocument>`
  const bounded = boundary && `<PermissionsBoundary>${type}${unused}</PermissionsBoundary>`
  return (exchanges: Recording['exchanges']): Recording['exchanges'] =>
    exchanges.map((exchange) => {
      if (exchange.operation !== 'GetAccountAuthorizationDetails' || exchange.account_id !== careless)
        return exchange
      const body = fromBody(exchange.body).toString('utf8')
      const edited = body.replace(
        /(<UserName>cid<\/UserName>.*?)(<UserPolicyList\s*\/>|<UserPolicyList>.*?<\/UserPolicyList>)/s,
        (_all, before: string) =>
          `${before}<UserPolicyList><member>${policy}</member></UserPolicyList>${bounded ?? ''}`,
      )
      return { ...exchange, body: boundary === undefined ? edited : withUnused(edited, boundary) }
    })
}

const type = '<PermissionsBoundaryType>PermissionsBoundaryPolicy</PermissionsBoundaryType>'
const unused = `<PermissionsBoundaryArn>arn:aws:iam::${careless}:policy/unused</PermissionsBoundaryArn>`

/** What the managed policy that nobody has says now. */
function withUnused(body: string, statements: readonly object[]): string {
  return body.replace(
    /(<Arn>arn:aws:iam::\d{12}:policy\/unused<\/Arn>.*?<Document>)[^<]*/s,
    (_all, before: string) => `${before}${toDocument(statements)}`,
  )
}

function toDocument(statements: readonly object[]): string {
  return encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: statements }))
}
