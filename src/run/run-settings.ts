import type { AwsConnection, Network } from '../collect/aws/connection.ts'
import type { RuleSettings } from '../evaluate/rule-set.ts'

/** A connection as settings declare it: which accounts and regions it reads, beside how. */
export interface ConnectionSettings extends AwsConnection {
  accounts: 'automatic' | readonly string[]
  off_accounts: readonly string[]
  organization: boolean
  regions: 'automatic' | readonly string[]
  profile_files?:
    | {
        named: string | undefined
        files: readonly string[]
        /** The one of two variables of a key that is not set. */
        lacking?: string | undefined
      }
    | undefined
}

/** What the conductor needs of the configuration; durations in milliseconds. */
export interface RunSettings {
  connections: readonly ConnectionSettings[]
  network: Network
  collect: {
    concurrency: number
    call_budget: number
    cell_time_budget: number
    stale_after: number
    inventory: 'full' | 'daily' | 'off'
  }
  rules: RuleSettings & { directories: readonly string[] }
  /** Where spools and keys lie. */
  data_directory: string
}
