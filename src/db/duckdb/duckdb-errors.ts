import { StanceError } from '../../core/errors.ts'

/**
 * DuckDB gives no codes, only texts that begin with a class ("IO Error: …"). This is the one place that reads
 * them; a text not known here flies on as it is.
 */
export function toDuckError(error: unknown, location: string): unknown {
  if (error instanceof StanceError || !(error instanceof Error)) return error
  const text = error.message
  const known = kinds.find((kind) => kind.pattern.test(text))
  if (!known) return error
  return new StanceError(known.code, known.message(location, text), {
    next: known.next(location),
    cause: error,
  })
}

export function isLockHeld(error: unknown): boolean {
  return error instanceof StanceError && error.code === 'DB_FILE_HELD'
}

export function isDuckConflict(error: unknown): boolean {
  return error instanceof Error && /^TransactionContext Error:.*[Cc]onflict/s.test(error.message)
}

interface Kind {
  pattern: RegExp
  code: string
  message: (location: string, text: string) => string
  next: (location: string) => string
}

const kinds: readonly Kind[] = [
  {
    pattern: /Could not set lock on file|being used by another process/,
    code: 'DB_FILE_HELD',
    message: (location, text) => {
      const pid = /PID (\d+)/.exec(text)?.[1]
      return `The database file ${location} is held by another process${pid ? ` (pid ${pid})` : ''}.`
    },
    next: () => 'Wait until that process (a scan, perhaps) has ended, or end it, then run this again.',
  },
  {
    pattern: /already attached by database/,
    code: 'DB_ALREADY_OPEN',
    message: (location) => `The database file ${location} is already open in this process.`,
    next: () => 'Use the database that is open; a second one on the same file would lose rows.',
  },
  {
    pattern:
      /not a valid DuckDB database file|Corrupt(ed)? database|computed checksum|Could not read enough bytes from file|Failure while replaying WAL/i,
    code: 'DB_FILE_INVALID',
    message: (location) => `The file ${location} is not a DuckDB database, or it is damaged.`,
    next: (location) =>
      `Name another file, or restore a backup: move ${location} away, and ${location}.wal if it is there, then put the backup in its place. Stance has not changed the file.`,
  },
  {
    pattern: /trying to read a database file with version number|database file was created with a newer/i,
    code: 'DB_FILE_VERSION',
    message: (location) => `The file ${location} was written by another version of DuckDB.`,
    next: () => 'Use the version of Stance that wrote it, or a newer one.',
  },
  {
    pattern: /No space left on device|not enough disk space|database or disk is full/i,
    code: 'DB_DISK_FULL',
    message: (location) => `The disk that holds ${location} is full. What was committed is safe.`,
    next: () => 'Free some space, then run this again; `stance compact` shrinks the file afterwards.',
  },
  {
    pattern: /max_temp_directory_size|failed to offload data block/i,
    code: 'DB_DISK_FULL',
    message: () => 'A query needed more temporary disk space than there is.',
    next: () => 'Free some space in the temporary directory, or ask for fewer rows.',
  },
  {
    pattern: /^Out of Memory Error/i,
    code: 'DB_OUT_OF_MEMORY',
    message: () => 'A query needed more memory than the database may use.',
    next: () => 'Ask for fewer rows, or raise `database.memory_limit` in stance.yaml.',
  },
  {
    pattern: /^INTERRUPT Error/,
    code: 'DB_TIMEOUT',
    message: () => 'A statement was ended because it ran too long or the database was being closed.',
    next: () => 'Narrow the query, or raise its time limit.',
  },
  {
    pattern: /launched in read-only mode|attached in read-only mode/,
    code: 'DB_READ_ONLY',
    message: () => 'A statement wanted to write where only reading is allowed.',
    next: () => 'Write in a transaction of a database that was opened for writing.',
  },
  {
    pattern: /Permission denied/,
    code: 'DB_PERMISSION',
    message: (location) => `The operating system refuses access to ${location}.`,
    next: () => 'Give this user read and write permission on the file and its directory.',
  },
  {
    pattern: /Read-only file system/,
    code: 'DB_PERMISSION',
    message: (location) => `${location} is on a file system that is mounted read-only.`,
    next: () => 'Name a file on a disk that can be written to.',
  },
  {
    pattern: /in read-only mode: database does not exist/,
    code: 'DB_FILE_MISSING',
    message: (location) => `There is no database at ${location} yet.`,
    next: () => 'Run `stance scan` first, or name the right file.',
  },
  {
    pattern: /Cannot open file .*No such file or directory|Is a directory/,
    code: 'DB_PATH',
    message: (location) => `No database can be kept at ${location}.`,
    next: () => 'Name a file in a directory that exists.',
  },
  {
    pattern: /database has been invalidated/,
    code: 'DB_STOPPED',
    message: (location) =>
      `DuckDB stopped working on ${location} after a fatal error. What was committed is safe.`,
    next: () => 'Look at the first error before this one (a full disk, perhaps), then start again.',
  },
]
