import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { foreignNames, removeKnownFiles } from '../core/remove-known-files.ts'
import { writeFile } from '../core/write-file.ts'
import { foldersBeside, isFileOf } from '../db/files-beside.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { isKeyFile } from './secret-key.ts'
import { isSpool, isSpoolDirectory } from './spool-directory.ts'

const database = 'stance.duckdb'
/** Whose a folder is, is told by this file and not by its name: without it, nothing in it is touched. */
const mark = '.made-by-stance-demo'

/** The demo lies in a folder of its own and never in one's own database. */
export function demoDirectoryIn(dataDirectory: string): { directory: string; path: string } {
  const directory = join(dataDirectory, 'stance-demo')
  return { directory, path: join(directory, database) }
}

/** Refuses a folder that holds anything else than what the demo makes. */
export function refuseForeignDemo(directory: string): void {
  const names = namesIn(directory)
  if (names.length === 0) return
  const foreign = names.includes(mark)
    ? names.flatMap((name) => {
        const inside = insideOf(name)
        if (inside === undefined) return isDemoFile(name) ? [] : [name]
        return foreignNames(join(directory, name), inside).map((one) => `${name}/${one}`)
      })
    : names
  if (foreign.length === 0) return
  const said = foreign.length > 3 ? `${foreign.slice(0, 3).join(', ')} and more` : foreign.join(', ')
  throw new StanceError('DEMO_DIRECTORY', `${directory} holds what \`stance demo\` did not make: ${said}.`, {
    next: 'Move that elsewhere (or rename the folder), then run this again. Nothing has been removed.',
  })
}

/** Empties the demo's folder, or makes it. Only what the demo makes is removed, each file by its name. */
export function emptyDemoDirectory(directory: string): void {
  refuseForeignDemo(directory)
  for (const name of namesIn(directory)) {
    const inside = insideOf(name)
    if (inside !== undefined) removeKnownFiles(join(directory, name), inside)
    else if (name !== mark) unlinkSync(join(directory, name))
  }
  makeDirectory(directory)
  writeFile(join(directory, mark), '`stance demo` made this folder, and empties it each time.\n')
}

function isDemoFile(name: string): boolean {
  return name === mark || isKeyFile(name) || isFileOf(name, database)
}

/** Of a folder that the demo makes: which files in it are its own. */
function insideOf(name: string): ((name: string) => boolean) | undefined {
  if (isSpoolDirectory(name)) return isSpool
  return name.startsWith(database) ? foldersBeside[name.slice(database.length)] : undefined
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
