import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/setup/longest-first.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: [
      'test/setup/exit-code.ts',
      'test/setup/databases.ts',
      'test/setup/moto.ts',
      'test/setup/shared-directory.ts',
    ],
    setupFiles: ['test/setup/lint-statements.ts'],
    // Vitest leaves one core free by itself: of two that is half. One more than cores, for some tests wait.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
})
