import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { root, runTool, toolEntry } from './run-tool.ts'

/** What Vitest's json reporter writes, as far as it is read here. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    name: string
    status: string
    startTime: number
    endTime: number
    assertionResults: { status: string }[]
  }[]
}

export interface TestsResult {
  passed: boolean
  /** `N passed, N failed, N skipped`, or why there are no counts. */
  counts: string
}

/** Runs every test and prints the time of each suite. */
export async function runTests(): Promise<TestsResult> {
  const directory = await mkdtemp(join(tmpdir(), 'stance-check-'))
  try {
    const file = join(directory, 'report.json')
    const began = performance.now()
    const code = await runTool(toolEntry('vitest', 'vitest.mjs'), [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ])
    const report = await readReport(file)
    if (report === undefined) return { passed: false, counts: 'the test run ended without a report' }
    printSuites(report, (performance.now() - began) / 1000)
    const failed = report.numFailedTests + brokenSuites(report)
    if (code !== 0 && failed === 0) console.log('✗ no test failed, but the run did: see above')
    const skipped = report.numPendingTests + report.numTodoTests
    return {
      // Never only the exit code: a library once ended the process with 0 after failed tests.
      passed: code === 0 && failed === 0,
      counts: `${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Files that failed outside any test: an import, a hook. Vitest counts them as files, not as tests. */
function brokenSuites(report: Report): number {
  const isBroken = ({ status, assertionResults }: Report['testResults'][number]) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed')
  return report.testResults.filter(isBroken).length
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report
  } catch {
    return undefined
  }
}

function printSuites(report: Report, seconds: number): void {
  console.log('\nTime of each suite (several run at once):')
  const suites = report.testResults.toSorted((a, b) => b.endTime - b.startTime - (a.endTime - a.startTime))
  for (const suite of suites) {
    const time = ((suite.endTime - suite.startTime) / 1000).toFixed(1).padStart(7)
    console.log(
      `${time} s  ${relative(root, suite.name)}${suite.status === 'passed' ? '' : ` (${suite.status})`}`,
    )
  }
  console.log(`${seconds.toFixed(1).padStart(7)} s  all tests`)
}
