/**
 * `npm run check`: all that CI runs. Every step runs, whatever became of the one before, so that one run
 * tells everything; the tests come last, so that their closing lines are at the end.
 */
import { join } from 'node:path'
import { runTests } from './run-tests.ts'
import { root, runTool, toolEntry } from './run-tool.ts'

interface Step {
  name: string
  run(): Promise<boolean>
}

let counts = ''
const steps: Step[] = [
  {
    name: 'lint',
    run: async () =>
      (await runTool(toolEntry('@biomejs/biome', 'bin/biome'), ['check', '--error-on-warnings'])) === 0,
  },
  { name: 'types', run: async () => (await runTool(toolEntry('typescript', 'bin/tsc'), [])) === 0 },
  {
    name: 'generated files',
    run: async () => (await runTool(join(root, 'scripts/gen.ts'), ['--check'])) === 0,
  },
  {
    name: 'tests',
    run: async () => {
      const result = await runTests()
      counts = result.counts
      return result.passed
    },
  },
]

const failed: string[] = []
for (const step of steps) {
  console.log(`\n── ${step.name}`)
  const began = performance.now()
  const passed = await step.run()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (!passed) failed.push(step.name)
  console.log(`${passed ? '✓' : '✗'} ${step.name} ${seconds} s`)
}
console.log(failed.length === 0 ? '\nAll is well.' : `\n✗ failed: ${failed.join(', ')}`)
console.log(counts)
process.exitCode = failed.length === 0 ? 0 : 1
