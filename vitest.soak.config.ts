import { defineConfig } from 'vitest/config'

/** Of suites that `npm test` runs on one engine: all. */
const onAllEngines = [
  'left-out-policy',
  'load-balancer-ports',
  'odd-report',
  'rights-over-oneself',
  'settled-late',
  'unread-severity',
]

/** `npm run soak`: what takes too long for every change. Same ground as the tests, other files, one at a time. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: [
      'src/**/*.soak.ts',
      'test/**/*.soak.ts',
      ...onAllEngines.map((name) => `test/scan/${name}.test.ts`),
    ],
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
