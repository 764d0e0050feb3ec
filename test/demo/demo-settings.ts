import { noSettings } from '../../src/evaluate/rule-set.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'

/** Settings as they are by default; the demo brings its own connections. */
export function demoSettings(data_directory: string): RunSettings {
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
