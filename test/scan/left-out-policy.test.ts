import { expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'

const narrowing = { services: ['iam'] }

const unread = { copies: 'one for all', read: 'little', engines: oneEngine() } as const
eachScannedStore('a policy or group that is named and that the answer leaves out', unread, (scanned) => {
  const day = daysOfEstate()

  it('leaves unknown who is an administrator by it, until it is there', { timeout: 120_000 }, async () => {
    const { stance, estate } = scanned()
    const { clock } = estate
    const { db } = stance
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
    const worse = await day({ clock, edit: withoutOperate })
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
    const whole = await day({ clock })
    await whole.scan(stance, { narrowing })
    const known = { ana: [true, 'fail'], ben: [true, 'fail'], cid: [false, 'pass'] }
    expect(await admins()).toEqual(known)
    // What was known before it was left out does not count any more: nobody can say what became of it.
    await worse.scan(stance, { narrowing })
    expect(await admins()).toEqual({ ana: [null, 'unknown'], ben: [null, 'unknown'], cid: [false, 'pass'] })
    const less = await day({ clock, edit: withoutGroups })
    await whole.scan(stance, { narrowing })
    expect(await admins()).toEqual(known)
    // The users are written long after their groups: what is judged between must wait for them.
    await less.scan(stance, { narrowing, faults: 'iam:GetCredentialReport=slow(3s)' })
    expect(await admins(), 'a group that its members name').toEqual({ ...known, ana: [null, 'unknown'] })
    expect(await eventsOf(), 'nobody hears that it was resolved').not.toContain('resolved')
  })
})

const known = { copies: 'one for all', engines: oneEngine() } as const
eachScannedStore('a boundary that is named and that the answer leaves out', known, (scanned) => {
  const day = daysOfEstate()

  it('leaves unknown who is an administrator within it', { timeout: 120_000 }, async () => {
    const { stance, estate } = scanned()
    const { clock } = estate
    const { db } = stance
    const ben = async () => {
      const rows = await db.query(
        `select u.is_admin, u.permissions_boundary_arn as bounded_by, f.verdict from lake.aws_iam_user u
         join stance.finding f on f.account_id = u.account_id and f.resource_key = u.resource_key
         where u.account_id = $1 and u.user_name = 'ben' and f.rule_id = 'aws-iam-user-is-no-administrator'`,
        [careless],
      )
      return rows[0]
    }
    const bounded = await day({ clock, edit: edited(withBoundary) })
    await bounded.scan(stance, { narrowing })
    const within = { is_admin: false, bounded_by: unused, verdict: 'pass' }
    expect(await ben()).toEqual(within)
    const worse = await day({
      clock,
      edit: edited((body) => withoutUnused(withBoundary(body))),
    })
    await worse.scan(stance, { narrowing })
    expect(await ben()).toEqual({ is_admin: null, bounded_by: null, verdict: 'unknown' })
    await bounded.scan(stance, { narrowing })
    expect(await ben()).toEqual(within)
  })
})

const unused = `arn:aws:iam::${careless}:policy/unused`

function edited(edit: (body: string) => string) {
  return (exchanges: Recording['exchanges']): Recording['exchanges'] =>
    exchanges.map((exchange) => {
      if (exchange.operation !== 'GetAccountAuthorizationDetails') return exchange
      return { ...exchange, body: edit(fromBody(exchange.body).toString('utf8')) }
    })
}

function withBoundary(body: string): string {
  const type = '<PermissionsBoundaryType>PermissionsBoundaryPolicy</PermissionsBoundaryType>'
  const boundary = `${type}<PermissionsBoundaryArn>${unused}</PermissionsBoundaryArn>`
  return body.replace(
    /(<UserName>ben<\/UserName>.*?<UserPolicyList\/>)/s,
    `$1<PermissionsBoundary>${boundary}</PermissionsBoundary>`,
  )
}

function withoutUnused(body: string): string {
  return body.replace(
    /<member><Arn>arn:aws:iam::\d{12}:policy\/unused<\/Arn>.*?<\/PolicyVersionList>.*?<\/member>/s,
    '',
  )
}

/** The list of groups is empty; users still name theirs. */
const withoutGroups = edited((body) =>
  body.replace(/<GroupDetailList>.*?<\/GroupDetailList>/s, '<GroupDetailList></GroupDetailList>'),
)

/** The list has one policy less than are attached. */
const withoutOperate = edited((body) =>
  body.replace(
    /<member><Arn>arn:aws:iam::\d{12}:policy\/operate<\/Arn>.*?<\/PolicyVersionList>.*?<\/member>/s,
    '',
  ),
)
