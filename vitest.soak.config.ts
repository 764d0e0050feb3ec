import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Suites that `npm test` runs on one engine are run on all of them here. */
const onAllEngines = globSync('test/**/*.test.ts', { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(join(import.meta.dirname, file), 'utf8').includes('oneEngine()'),
)

/** `npm run soak`: what takes too long for every change. Same ground as the tests, other files, one at a time. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['src/**/*.soak.ts', 'test/**/*.soak.ts', ...onAllEngines],
    env: { STANCE_TEST_ENGINES: 'all' },
    globalSetup: [
      'test/setup/exit-code.ts',
      'test/setup/databases.ts',
      'test/setup/moto.ts',
      'test/setup/shared-directory.ts',
    ],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    teardownTimeout: 20_000,
  },
})
