import { expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'

const narrowing = { services: ['iam', 'account'] }
const arn = (path: string) => `arn:aws:iam::${careless}:user${path}`

const options = { copies: 'one for all', read: 'little', engines: oneEngine() } as const
eachScannedStore('a credential report with a line that is hard to read', options, (scanned) => {
  const day = daysOfEstate()

  it('is read where a user has commas, and concerns one user where it is odd', {
    timeout: 120_000,
  }, async () => {
    const { stance, estate } = scanned()
    const { clock } = estate
    const unread = async () =>
      (
        await stance.db.query(
          `select r.native_id, u.group_name, u.state from stance.unread_group u
           join stance.resource r on r.account_id = u.account_id and r.resource_key = u.resource_key
           where u.account_id = $1 and u.group_name in ('credentials', 'root_use')`,
          [careless],
        )
      ).map((row) => Object.values(row).join(' '))
    const passwords = async () => {
      const rows = await stance.db.query<{ user_name: string; has_password: boolean | null }>(
        `select u.user_name, u.has_password from lake.aws_iam_user u where u.account_id = $1
         order by u.user_name nulls last`,
        [careless],
      )
      return Object.fromEntries(rows.map((row) => [row.user_name, row.has_password]))
    }

    const commas = await day({ clock, edit: moved })
    await commas.scan(stance, { narrowing })
    expect(await unread()).toEqual([])
    const known = await passwords()
    expect(Object.keys(known)).toEqual(['ana', 'ben', 'cid'])
    expect(Object.values(known)).not.toContain(null)

    const odd = await day({ clock, edit: (all) => moved(all).map(reportWith((line) => `${line},more`)) })
    clock.skip(25 * 3_600_000)
    await odd.scan(stance, { narrowing })
    expect(await unread()).toEqual(['ben credentials error'])
    expect(await passwords()).toEqual({ ...known, ben: null })
  })
})

/** The user ben is in a path with commas, in all that IAM says. */
function moved(exchanges: Recording['exchanges']): Recording['exchanges'] {
  return exchanges
    .map((exchange) => {
      if (exchange.operation !== 'GetAccountAuthorizationDetails') return exchange
      const body = fromBody(exchange.body).toString('utf8')
      const from = '<Path>/</Path><UserName>ben</UserName>'
      if (!body.includes(arn('/ben'))) return exchange
      expect(body).toContain(from)
      return {
        ...exchange,
        body: body.replaceAll(arn('/ben'), arn('/a,b/ben')).replace(from, from.replace('/<', '/a,b/<')),
      }
    })
    .map(reportWith((line) => line.replace(arn('/ben'), arn('/a,b/ben'))))
}

/** The line of the user ben in the account's report is another. */
function reportWith(edit: (line: string) => string) {
  return (exchange: Recording['exchanges'][number]): Recording['exchanges'][number] => {
    if (exchange.operation !== 'GetCredentialReport') return exchange
    const body = fromBody(exchange.body)
      .toString('utf8')
      .replace(/<Content>([^<]*)</, (_, content: string) => {
        const lines = Buffer.from(content, 'base64').toString('utf8').split('\n')
        const edited = lines.map((line) =>
          line.startsWith('ben,') && line.includes(careless) ? edit(line) : line,
        )
        return `<Content>${Buffer.from(edited.join('\n')).toString('base64')}<`
      })
    return { ...exchange, body }
  }
}
