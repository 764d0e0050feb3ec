import type { Stance } from '../run/open-stance.ts'
import type { ScanNarrowing } from '../run/scan.ts'
import { servicesOf } from '../run/service-words.ts'
import { usage } from './options.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'

/** What narrows a scan must exist; accounts and regions are known only once the cloud has been asked. */
export async function refuseUnknownScope(stance: Stance, narrowing: ScanNarrowing): Promise<void> {
  const { registry, set } = stance
  const tables = [...registry.tables.values()]
  refuseUnknownNames('--service', narrowing.services, servicesOf(set), 'See `stance tables list`.')
  refuseUnknownNames(
    '--table',
    narrowing.tables,
    tables.map(({ name }) => name).sort(),
    'See `stance tables list`.',
    true,
  )
  refuseUnknownNames('--rule', narrowing.rules, [...set.rules.keys()], 'See `stance rules list`.', true)
  const account = narrowing.accounts?.find((id) => !/^(\d{12}|o-[a-z0-9]{10,32})$/.test(id))
  if (account !== undefined)
    throw usage(
      `--account: "${account}" is no account id.`,
      'An AWS account id has 12 digits; an organization is o-….',
    )
  const region = narrowing.regions?.find(
    (name) => name !== 'global' && !/^[a-z]{2}(-[a-z]+)+-\d+$/.test(name),
  )
  if (region !== undefined)
    throw usage(
      `--region: "${region}" is no region.`,
      'Write it like eu-west-1, or `global` for what belongs to no region.',
    )
}
