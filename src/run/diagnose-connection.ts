import { identify } from '../collect/aws/identify.ts'
import { organizationOf } from '../collect/aws/organization.ts'
import { regionsOf } from '../collect/aws/regions.ts'
import { createAwsTransport } from '../collect/aws/transport.ts'
import { StanceError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { type Diagnosis, type Found, ok, tried } from './diagnosis.ts'
import { explainCredentials } from './explain-credentials.ts'
import { regionsUnread } from './regions-unread.ts'
import type { ConnectionSettings, RunSettings } from './run-settings.ts'

/** One that a scan would refuse. */
function unknownRegion(
  connection: ConnectionSettings,
  known: readonly { name: string; status: string }[],
): Found | undefined {
  if (connection.regions === 'automatic') return undefined
  const names = known.map(({ name }) => name)
  const wrong = connection.regions.find((region) => !names.includes(region))
  if (wrong === undefined) return undefined
  const near = nearest(wrong, names)
  return {
    state: 'problem',
    message: `The account has no region ${wrong}, which \`regions\` of the connection names.`,
    next: `${near === undefined ? '' : `Did you mean ${near}? `}Mend \`regions\` in stance.yaml.`,
  }
}

/** Answers whether an account is left to read: what `off_accounts` names is not. */
export async function* connectionWorks(
  connection: ConnectionSettings,
  settings: Pick<RunSettings, 'network'>,
  signal: AbortSignal,
): AsyncGenerator<Diagnosis, boolean> {
  const { off_accounts } = connection
  let isRead = false
  const about = `connection ${connection.name}`
  const transport = createAwsTransport({ connections: [connection], network: settings.network })
  const asking = { transport, connection: connection.name, signal, timeout_ms: 15_000 }
  const named = connection.accounts === 'automatic' ? [undefined] : [...new Set(connection.accounts)]
  const accounts = named.filter((id) => id === undefined || !off_accounts.includes(id))
  const off = named.filter((id) => id !== undefined && !accounts.includes(id))
  if (off.length > 0)
    yield { about, ...ok(`${off.join(', ')}: off (\`off_accounts\`), nothing of it is read`) }
  const same = new Map<string, { diagnosis: Diagnosis; accounts: string[] }>()
  try {
    for (const [at, account_id] of accounts.entries()) {
      const caller = { ...asking, ...(account_id === undefined ? {} : { account_id }) }
      let isOfTheKeys = false
      isRead = true
      const diagnosis = await tried(about, async () => {
        const identity = await identify(caller).catch(async (error) => {
          isOfTheKeys = error instanceof StanceError && error.code.startsWith('COLLECT_CREDENTIALS_')
          throw error instanceof StanceError ? await explainCredentials(error, connection) : error
        })
        if (account_id !== undefined && identity.account_id !== account_id)
          throw new StanceError(
            'COLLECT_WRONG_ACCOUNT',
            `It was to read ${account_id}, but its credentials belong to ${identity.account_id}.`,
            {
              next: 'Give the connection a `role_arn` with {account} in it, or one connection for each account.',
            },
          )
        if (account_id === undefined && off_accounts.includes(identity.account_id)) {
          isRead = connection.organization
          return ok(`${identity.arn} in account ${identity.account_id}, which is off (\`off_accounts\`)`)
        }
        const { regions, failed } = await regionsOf({ ...caller, partition: identity.partition })
        const who = `${identity.arn} in account ${identity.account_id}`
        if (failed !== undefined)
          return {
            state: 'warning',
            message: `${who}; its regions cannot be listed: ${failed.message} (${failed.code})`,
            next: regionsUnread(failed, transport).remedy,
          }
        const wrong = unknownRegion(connection, regions)
        if (wrong !== undefined) return wrong
        const inUse = regions.filter(({ status }) => status !== 'opted out').length
        const read = connection.regions === 'automatic' ? inUse : connection.regions.length
        return ok(`${who}; ${read} of ${inUse} regions`)
      })
      if (account_id === undefined || diagnosis.state !== 'problem') {
        yield diagnosis
        continue
      }
      // The same of several accounts is said once; without keys none of the others can be entered either.
      const concerned = isOfTheKeys ? accounts.slice(at).filter((id) => id !== undefined) : [account_id]
      const key = `${diagnosis.message}\0${diagnosis.next}`
      const told = same.get(key) ?? { diagnosis, accounts: [] }
      told.accounts.push(...concerned)
      same.set(key, told)
      if (isOfTheKeys) break
    }
    for (const { diagnosis, accounts } of same.values()) yield withAccounts(diagnosis, accounts)
    if (connection.organization)
      yield await tried(`${about}, organization`, async () => {
        const organization = await organizationOf(asking)
        if ('failed' in organization)
          return {
            state: 'problem',
            message: `The organization cannot be read: ${organization.failed.message} (${organization.failed.code})`,
            next:
              organization.failed.code === 'AWSOrganizationsNotInUseException'
                ? 'Take `organization` out of the connection: the account is in none.'
                : 'Allow organizations:DescribeOrganization and organizations:ListAccounts, or take `organization` out of the connection.',
          }
        const members = organization.nodes.filter(({ kind }) => kind === 'account')
        if (connection.accounts === 'automatic')
          isRead = members.some(({ id, state }) => state !== 'closed' && !off_accounts.includes(id))
        return ok(`${organization.id} with ${members.length} accounts`)
      })
    return isRead
  } finally {
    await transport.close()
  }
}

const mostNamed = 4

function withAccounts(diagnosis: Diagnosis, accounts: readonly string[]): Diagnosis {
  if (accounts.length === 1 && diagnosis.message.includes(accounts[0] ?? '')) return diagnosis
  const more = accounts.length > mostNamed ? ` and ${accounts.length - mostNamed} more` : ''
  const word = accounts.length === 1 ? 'account' : 'accounts'
  return {
    ...diagnosis,
    message: `${diagnosis.message} So nothing of the ${word} ${accounts.slice(0, mostNamed).join(', ')}${more} can be read.`,
  }
}
