import { encodeThem, isAmbiguousAddress } from '../core/ambiguous-address.ts'
import type { Config } from './settings.ts'
import type { Report } from './validate.ts'

/** What one setting asks of another. */
export function checkConfig(config: Config, { place, problems }: Report): void {
  if (config.database.reader_url !== undefined && config.database.url === undefined)
    problems.push({
      place: place(['database', 'reader_url']),
      message:
        'database.reader_url: it is for a PostgreSQL database; set database.url (DATABASE_URL) too, or remove it',
    })
  const { database, network } = config
  const addresses = [
    ['database', 'url', database.url],
    ['database', 'reader_url', database.reader_url],
    ['network', 'https_proxy', network.https_proxy],
    ['network', 'http_proxy', network.http_proxy],
  ] as const
  for (const [section, name, address] of addresses)
    if (address !== undefined && isAmbiguousAddress(address))
      problems.push({
        place: place([section, name]),
        message: `${section}.${name}: it can be read in two ways; ${encodeThem}`,
      })
  const names = new Map<string, number>()
  config.connections.forEach((connection, at) => {
    const complain = (name: string, message: string) =>
      problems.push({
        place: place(['connections', at, name]),
        message: `connections[${at}].${name}: ${message}`,
      })

    if (names.has(connection.name)) {
      complain('name', `connections[${names.get(connection.name)}] has this name too; give each its own`)
    }
    names.set(connection.name, at)
    for (const name of ['accounts', 'regions'] as const)
      if (connection[name].length === 0)
        complain(name, 'it names none; name at least one, or write automatic')
    if (connection.external_id !== undefined && connection.role_arn === undefined) {
      complain('external_id', 'it belongs to a role; set role_arn too, or remove it')
    }
    const several =
      connection.organization || (connection.accounts !== 'automatic' && connection.accounts.length > 1)
    if (several && connection.role_arn !== undefined && !connection.role_arn.includes('{account}')) {
      complain('role_arn', 'one role cannot enter several accounts; write {account} for the account id')
    }
  })
}
