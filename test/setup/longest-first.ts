import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take long, the longest first. By itself Vitest goes by the size of files where it has not seen a run before,
 * and then a long one that starts last keeps one core busy while the others are idle. The first two do not wait for the
 * same scanned store.
 */
const long = [
  'test/scan/kill',
  'test/cli/scan',
  'test/scan/faults',
  'test/scan/denied-operations',
  'test/scan/everything-denied',
  'test/scan/upgraded',
  'test/cli/reading',
  'test/scan/one-moment',
  'test/demo/demo-scan',
  'test/cli/demo',
  'test/cli/closed-pipe',
  'test/scan/at-once',
  'test/cli/own-rules',
  'src/db/share',
  'src/evaluate/proofs/prove',
  'test/scan/omissions',
  'src/run/apply',
  'test/scan/',
  'test/cli/',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.includes(name))
      return at === -1 ? long.length : at
    }
    return sorted.toSorted((a, b) => place(a) - place(b))
  }
}
