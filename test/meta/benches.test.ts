import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'

it('benches run to their end, at a thousandth of their size', { timeout: 120_000 }, () => {
  const small = ['judging', 'documents', '--engine', 'duckdb', '--scale', '0.001']
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'bench/main.ts'), ...small], {
    encoding: 'utf8',
  })
  expect(stdout).not.toContain('NO FIGURE')
  expect(status, stdout).toBe(0)
})
