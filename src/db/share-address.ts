import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { removeKnownFiles } from '../core/remove-known-files.ts'
import { writeFile } from '../core/write-file.ts'
import { toRealPath } from './duckdb/duckdb-files.ts'
import { foldersBeside } from './files-beside.ts'

/** Where a process that holds a DuckDB file listens, and the secret that lets one in. */
export interface ShareAddress {
  socket: string
  token: string
  pid: number
}

/** macOS allows 103 bytes for the path of a socket, Linux 107. */
const longestSocketPath = 100

function directoryOf(path: string): string {
  return `${toRealPath(path)}.share`
}

/** Writes the address beside the file, in a directory that only this user may enter. */
export function makeAddress(path: string): ShareAddress & { remove(): void } {
  const directory = directoryOf(path)
  // What is there is left over: only the process that holds the file comes here.
  removeLeft(directory)
  makeAnew(directory)
  chmodSync(directory, 0o700)
  const socket = socketFor(directory)
  const address: ShareAddress = { socket, token: randomBytes(32).toString('base64url'), pid: process.pid }
  const remove = () => {
    removeLeft(directory)
    if (process.platform !== 'win32' && dirname(socket) !== directory) removeLeft(dirname(socket))
  }
  return { ...address, remove }
}

function removeLeft(directory: string): void {
  removeKnownFiles(directory, (name) => foldersBeside['.share']?.(name) ?? false)
}

function makeAnew(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new StanceError('DB_PATH', `${directory} is in the way: other programs' files are in it.`, {
      next: 'Move it elsewhere: Stance makes a folder of that name while it holds the database. Nothing has been removed.',
      cause,
    })
  }
}

/** Readers look for this file, so it is written when the socket listens. */
export function publishAddress(path: string, { socket, token, pid }: ShareAddress): void {
  writeFile(join(directoryOf(path), 'address'), JSON.stringify({ socket, token, pid }))
}

function socketFor(directory: string): string {
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\stance-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`
  }
  const beside = join(directory, 'socket')
  if (Buffer.byteLength(beside) <= longestSocketPath) return beside
  return join(mkdtempSync(join(tmpdir(), 'stance-')), 'socket')
}

/** The address of who holds the file, if it shares it. */
export function findAddress(path: string): ShareAddress | undefined {
  const directory = directoryOf(path)
  try {
    refuseForeign(directory)
    return JSON.parse(readFileSync(join(directory, 'address'), 'utf8')) as ShareAddress
  } catch (error) {
    // Not there, or half written: there is nobody to speak to at the moment.
    if (error instanceof StanceError) throw error
    return undefined
  }
}

/** Somebody else's directory could lead us to somebody else's answers. */
function refuseForeign(directory: string): void {
  const uid = process.getuid?.()
  if (uid === undefined) return
  const { uid: owner, mode } = statSync(directory)
  if ((owner === uid || uid === 0) && (mode & 0o077) === 0) return
  throw new StanceError('DB_SHARE_UNSAFE', `The directory ${directory} does not belong to this user alone.`, {
    next: 'Run this as the user who runs the scan, or remove that directory.',
  })
}
