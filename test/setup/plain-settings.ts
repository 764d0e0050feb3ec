import { noSettings } from '../../src/evaluate/rule-set.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'

/** Settings that are as they are by default, with no connection and no rules but those that are shipped. */
export function plainSettings(data_directory: string): RunSettings {
  return {
    connections: [],
    network: {},
    collect: {
      concurrency: 32,
      call_budget: 100_000,
      cell_time_budget: 60_000,
      stale_after: 86_400_000,
      inventory: 'full',
    },
    rules: { ...noSettings, directories: [] },
    data_directory,
  }
}
