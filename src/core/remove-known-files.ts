import { readdirSync, rmdirSync, unlinkSync } from 'node:fs'

/** What of a folder is not known to be ours; nothing where there is no folder. */
export function foreignNames(folder: string, isOurs: (name: string) => boolean): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() || !isOurs(entry.name))
    .map(({ name }) => name)
}

/**
 * Removes the files of a folder that are known by name to be ours, then the folder, unless something else is in it: that
 * stays. Never `rm -r`: what somebody has put there is not ours to remove.
 */
export function removeKnownFiles(folder: string, isOurs: (name: string) => boolean): void {
  const entries = entriesOf(folder)
  const ours = entries.filter((entry) => !entry.isDirectory() && isOurs(entry.name))
  for (const { name } of ours) ignoring(/^ENOENT$/, () => unlinkSync(`${folder}/${name}`))
  if (ours.length === entries.length) ignoring(/^(ENOENT|ENOTEMPTY|EEXIST|ENOTDIR)$/, () => rmdirSync(folder))
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Another process may have been faster. */
function ignoring(code: RegExp, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!code.test((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
