/** `npm run build`: `src` → `dist`, as it is published. What is not TypeScript (migrations) is copied. */
import { cp, rm, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { root, runTool, toolEntry } from './run-tool.ts'

await rm(join(root, 'dist'), { recursive: true, force: true })
process.exitCode = await runTool(toolEntry('typescript', 'bin/tsc'), ['-p', 'tsconfig.build.json'])
await cp(join(root, 'src'), join(root, 'dist'), {
  recursive: true,
  filter: async (path) => extname(path) !== '.ts' || (await stat(path)).isDirectory(),
})
