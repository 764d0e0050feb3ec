import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shellWord } from './shell-word.ts'

/**
 * What to type to run this very Stance from a directory: npx knows `stance` within its clone only; anywhere else it would
 * ask the registry for whatever has that name. Of a published package: `stance`.
 */
export function ownCommand(cwd: string, file = fileURLToPath(import.meta.url)): string {
  const clone = join(file, '../../..')
  if (relative(clone, file) !== join('src', 'cli', 'own-command.ts')) return 'stance'
  const within = relative(clone, cwd)
  const isWithin = !isAbsolute(within) && within.split(/[\\/]/)[0] !== '..'
  return isWithin ? 'npx stance' : `node ${shellWord(join(clone, 'bin', 'stance.js'))}`
}
