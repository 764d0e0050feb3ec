import { afterEach, expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { eachEngine } from '../setup/test-database.ts'
import { careless } from './estate.ts'
import { type Estate, type EstateOptions, openEstate } from './open-estate.ts'

const narrowing = { services: ['iam'] }

eachEngine('a policy or group that is named and that the answer leaves out', (database) => {
  const estates: Estate[] = []
  const day = async (options?: EstateOptions) => {
    const estate = await openEstate(options)
    estates.push(estate)
    return estate
  }
  afterEach(async () => {
    for (const estate of estates.splice(0)) await estate.stop()
  })

  it('leaves unknown who is an administrator by it, until it is there', { timeout: 120_000 }, async () => {
    const { db } = database()
    const admins = async () => {
      const rows = await db.query<{ user_name: string; is_admin: boolean | null; verdict: string }>(
        `select u.user_name, u.is_admin, f.verdict from lake.aws_iam_user u
         join stance.finding f on f.account_id = u.account_id and f.resource_key = u.resource_key
         where u.account_id = $1 and f.rule_id = 'aws-iam-user-is-no-administrator'
         order by u.user_name nulls last`,
        [careless],
      )
      return Object.fromEntries(rows.map((row) => [row.user_name, [row.is_admin, row.verdict]]))
    }
    const eventsOf = async () => {
      const rows = await db.query<{ kind: string }>(
        "select kind from stance.finding_event where account_id = $1 and rule_id = 'aws-iam-user-is-no-administrator'",
        [careless],
      )
      return rows.map(({ kind }) => kind)
    }
    const worse = await day({ edit: withoutOperate })
    const stance = await worse.open(db)
    await worse.scan(stance, { narrowing })
    // ana by her group, ben by himself; of cid nothing is left out.
    expect(await admins()).toEqual({ ana: [null, 'unknown'], ben: [null, 'unknown'], cid: [false, 'pass'] })
    const [evidence] = await db.query<{ text: string }>(
      `select cast(f.evidence as text) as text from stance.finding f
       join lake.aws_iam_user u on u.account_id = f.account_id and u.resource_key = f.resource_key
       where u.user_name = 'ben' and f.account_id = $1 and f.rule_id = 'aws-iam-user-is-no-administrator'`,
      [careless],
    )
    expect(evidence?.text).toContain('attached_policies')
    const whole = await day({ clock: worse.clock })
    await whole.scan(stance, { narrowing })
    const known = { ana: [true, 'fail'], ben: [true, 'fail'], cid: [false, 'pass'] }
    expect(await admins()).toEqual(known)
    // What was known before it was left out does not count any more: nobody can say what became of it.
    await worse.scan(stance, { narrowing })
    expect(await admins()).toEqual({ ana: [null, 'unknown'], ben: [null, 'unknown'], cid: [false, 'pass'] })
    const less = await day({ clock: whole.clock, edit: withoutGroups })
    await whole.scan(stance, { narrowing })
    expect(await admins()).toEqual(known)
    await less.scan(stance, { narrowing })
    expect(await admins(), 'a group that its members name').toEqual({ ...known, ana: [null, 'unknown'] })
    expect(await eventsOf(), 'nobody hears that it was resolved').not.toContain('resolved')
  })
})

/** The list of groups is empty; users still name theirs. */
function withoutGroups(exchanges: Recording['exchanges']): Recording['exchanges'] {
  return exchanges.map((exchange) => {
    if (exchange.operation !== 'GetAccountAuthorizationDetails') return exchange
    const body = fromBody(exchange.body).toString('utf8')
    const groups = /<GroupDetailList>.*?<\/GroupDetailList>/s
    return { ...exchange, body: body.replace(groups, '<GroupDetailList></GroupDetailList>') }
  })
}

/** The list has one policy less than are attached. */
function withoutOperate(exchanges: Recording['exchanges']): Recording['exchanges'] {
  return exchanges.map((exchange) => {
    if (exchange.operation !== 'GetAccountAuthorizationDetails') return exchange
    const body = fromBody(exchange.body).toString('utf8')
    const policy =
      /<member><Arn>arn:aws:iam::\d{12}:policy\/operate<\/Arn>.*?<\/PolicyVersionList>.*?<\/member>/s
    return { ...exchange, body: body.replace(policy, '') }
  })
}
