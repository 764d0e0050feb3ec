import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What the engine and Stance put beside a database file `name`: by these names, and no others, it is known to be theirs. */

const twelve = '[0-9a-f]{12}'

/** The old file while a database is compacted, behind its path. */
const beforeCompact = new RegExp(`\\.before-compact-${twelve}$`)
/** What a person's SQL spills, and copies that are being taken. */
export const copyName = new RegExp(`^copy-${twelve}\\.duckdb(\\.wal)?$`)
const spilled = /^duckdb_temp_[\w.-]+$/

/** The database itself, its log, and copies from before it was changed. */
export function isFileOf(name: string, database: string): boolean {
  if (!name.startsWith(database)) return false
  const rest = name.slice(database.length)
  return (
    rest === '' || rest === '.wal' || /^\.before-\d{4}-[a-z0-9-]+$/.test(rest) || beforeCompact.test(rest)
  )
}

/** A name that the engine or Stance takes for something of this database, files and folders: no name for a copy. */
export function isNameBeside(name: string, database: string): boolean {
  if (!name.startsWith(database)) return false
  const rest = name.slice(database.length)
  return rest === '.wal' || beforeCompact.test(rest) || Object.hasOwn(foldersBeside, rest)
}

/** Folders beside it, by what follows its path, and which files in them are ours. */
export const foldersBeside: Readonly<Record<string, (name: string) => boolean>> = {
  '.tmp': (name) => copyName.test(name) || spilled.test(name),
  '.share': (name) => name === 'address' || name === 'socket',
}

/** Old files that were left where compacting was broken off. Their name is one that nobody else gives to a copy. */
export function leftBeforeCompact(path: string): string[] {
  const [folder, name] = [dirname(path), basename(path)]
  const all = existsSync(folder) ? readdirSync(folder) : []
  return all
    .filter((one) => beforeCompact.test(one) && one.replace(beforeCompact, '') === name)
    .map((one) => join(folder, one))
}
