import { readFileSync, readlinkSync } from 'node:fs'
import { lstat, mkdtemp, readdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { spoolName } from '../collect/kernel/spool.ts'
import { removeKnownFiles } from '../core/remove-known-files.ts'
import { writeFile } from '../core/write-file.ts'

/** Hidden, and of a name that nobody gives to anything of their own: the data directory may be any folder. */
const prefix = '.stance-spools-'
const ours = /^\.stance-spools-[A-Za-z0-9]{6}$/
/** Whose it is: the machine as processes see it, and the process, with its start: ids come again. */
const ownerFile = 'stance-spool-owner'
/** A process of another machine, or container, may be reading: what nobody has touched for so long was left by one that died. */
const longestLife = 24 * 3_600_000

const atExit = new Map<string, () => void>()

/** Where one scan puts what does not fit in memory. Goes with the process at the latest, unless that is killed. */
export async function makeSpoolDirectory(dataDirectory: string): Promise<string> {
  const path = await mkdtemp(join(dataDirectory, prefix))
  const remove = () => removeSpoolDirectory(path)
  atExit.set(path, remove)
  process.once('exit', remove)
  writeFile(
    join(path, ownerFile),
    JSON.stringify({ machine: machine(), started: startOf(process.pid) ?? '', pid: process.pid }),
  )
  return path
}

export function removeSpoolDirectory(path: string): void {
  const remove = atExit.get(path)
  if (remove !== undefined) process.off('exit', remove)
  atExit.delete(path)
  removeKnownFiles(path, isSpool)
}

/** Removes what killed scans have left; several processes may share the directory. */
export async function sweepSpools(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory).catch(() => [])) {
    if (!isSpoolDirectory(name)) continue
    const path = join(dataDirectory, name)
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isDirectory()) continue
    const isAlive = await isOwnerAlive(path)
    if (!(isAlive ?? Date.now() - found.mtimeMs <= longestLife)) removeSpoolDirectory(path)
  }
}

export function isSpoolDirectory(name: string): boolean {
  return ours.test(name)
}

export function isSpool(name: string): boolean {
  return name === ownerFile || spoolName.test(name)
}

/** Undefined where nobody here can know. */
async function isOwnerAlive(path: string): Promise<boolean | undefined> {
  const said = await readFile(join(path, ownerFile), 'utf8').catch(() => '')
  const owner = /^\{"machine":"([^"\\]*)","started":"(\d*)","pid":([1-9]\d{0,9})\}$/.exec(said)
  if (owner === null || owner[1] !== machine()) return undefined
  const pid = Number(owner[3])
  // A container that starts again keeps its name, and its first process its id.
  if (pid === process.pid) return atExit.has(path)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Of another user: it is there.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = startOf(pid)
  return started === undefined || owner[2] === '' ? undefined : started === owner[2]
}

/** When a process began, in ticks since the machine did; undefined where nobody says. '' of one that only waits to be buried. */
function startOf(pid: number): string | undefined {
  try {
    // Its name comes before, in brackets, and may have any in it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19]
  } catch {
    return undefined
  }
}

/** Ids of processes mean the same where all of this is: containers of one machine may even share its name. */
function machine(): string {
  const parts = [hostname()]
  for (const part of [
    () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    () => readlinkSync('/proc/self/ns/pid'),
  ]) {
    try {
      parts.push(part())
    } catch {
      // Another system than Linux has neither, nor containers that would share a folder and no ids.
    }
  }
  return parts.join(' ').replace(/["\\]/g, '')
}
