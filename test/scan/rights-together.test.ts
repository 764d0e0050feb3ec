import { expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { showFinding } from '../../src/run/show-finding.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import { openEstate } from './open-estate.ts'

/* What several policies of one holder give only together, and what one takes back from another. */

const allow = (Action: string): JsonObject => ({ Effect: 'Allow', Action, Resource: '*' })
const deny = (Action: string): JsonObject => ({ Effect: 'Deny', Action, Resource: '*' })

/** The managed policy `operate`, which the role web has, and the inline policies of web and of partner. */
interface Given {
  operate: JsonObject
  web: readonly JsonObject[]
  partner: readonly JsonObject[]
}

const copies = { copies: 'one each', engines: oneEngine() } as const
eachScannedStore('rights that lie in several policies', copies, (scanned) => {
  const rule = 'aws-iam-role-cannot-become-administrator'
  const scanWith = async (given: Given): Promise<Record<string, string>> => {
    const { estate, stance } = scanned()
    const other = await openEstate({
      clock: estate.clock,
      edit: (exchanges) =>
        exchanges.map((one) =>
          one.account_id === good && one.operation === 'GetAccountAuthorizationDetails'
            ? { ...one, body: give(String(one.body), given) }
            : one,
        ),
    })
    try {
      await other.scan(stance, { narrowing: { accounts: [good], tables: ['aws_iam_role'] } })
    } finally {
      await other.stop()
    }
    const rows = await stance.db.query<{ name: string; verdict: string }>(
      `select x.role_name as name, f.verdict from stance.finding f
       join lake.aws_iam_role x on x.account_id = f.account_id and x.resource_key = f.resource_key
       where f.account_id = $1::text and f.rule_id = $2::text`,
      [good, rule],
    )
    return Object.fromEntries(rows.map(({ name, verdict }) => [name, verdict]))
  }

  it('are joined where one passes any role and another starts what runs with it', {
    timeout: longest,
  }, async () => {
    const passing = allow('iam:PassRole')
    const running = allow('ec2:*')
    const nothing = allow('s3:GetObject')
    expect(await scanWith({ operate: running, web: [nothing], partner: [passing, nothing] })).toEqual({
      web: 'pass',
      partner: 'pass',
    })
    expect(await scanWith({ operate: running, web: [passing], partner: [passing, running] })).toEqual({
      web: 'fail',
      partner: 'fail',
    })
    const { db } = scanned().stance
    const [finding] = await db.query<{ finding_id: string }>(
      `select f.finding_id from stance.finding f where f.rule_id = $1::text and f.account_id = $2::text
       and f.resource_key = $3::text`,
      [rule, good, `arn:aws:iam::${good}:role/web`],
    )
    const { evidence } = await showFinding(db, finding?.finding_id ?? '', scanned().estate.settings.rules)
    expect(evidence).toMatchObject({
      paths: {
        can_escalate: expect.arrayContaining([
          expect.objectContaining({
            way: 'attached policy that starts what runs with a role',
            policy: `arn:aws:iam::${good}:policy/operate`,
          }),
          expect.objectContaining({ way: 'inline policies that pass any role' }),
        ]),
      },
    })
  })

  it('are judged with what another inline policy takes back', { timeout: longest }, async () => {
    const all = allow('iam:*')
    const nothing = allow('s3:GetObject')
    expect(await scanWith({ operate: nothing, web: [all], partner: [all, deny('iam:*')] })).toEqual({
      web: 'fail',
      partner: 'pass',
    })
  })
})

function give(body: string, { operate, web, partner }: Given): string {
  return body
    .replace(/(<RoleName>web<[\s\S]*?)<RolePolicyList\/>/, `$1${inline(web)}`)
    .replace(/(<RoleName>partner<[\s\S]*?)<RolePolicyList\/>/, `$1${inline(partner)}`)
    .replace(
      /(<Arn>[^<]*policy\/operate<[\s\S]*?<Document>)[^<]*/,
      `$1${encodeURIComponent(textOf(operate))}`,
    )
}

function inline(policies: readonly JsonObject[]): string {
  const members = policies.map(
    (policy, at) =>
      `<member><PolicyName>p${at}</PolicyName><PolicyDocument>${textOf(policy)}</PolicyDocument></member>`,
  )
  return `<RolePolicyList>${members.join('')}</RolePolicyList>`
}

function textOf(statement: JsonObject): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}
