import { StanceError } from '../../core/errors.ts'

/** SQLSTATE, or Node's code for what happened before a session was there. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/**
 * Deadlock (a distributed one on Citus too), serialisation failure, and two that inserted one key at once: keys
 * are unique by construction, so only a race can hit one, and the second attempt sees the first one's row.
 */
export function isPostgresConflict(error: unknown): boolean {
  if (error instanceof StanceError) return error.cause !== undefined && isPostgresConflict(error.cause)
  const code = codeOf(error)
  return code === '40P01' || code === '40001' || code === '23505'
}

export function toPostgresError(error: unknown, location: string): unknown {
  if (error instanceof StanceError || !(error instanceof Error)) return error
  // Several addresses of one name were tried: any of them tells the story.
  const inner = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
  const code = codeOf(error) ?? codeOf(inner)
  const { syscall, path } = inner as NodeJS.ErrnoException
  if ((syscall === 'open' || syscall === 'read') && path !== undefined) return unreadable(path, code, error)
  if (syscall === 'read' && code === 'EISDIR')
    return unreadable('sslrootcert, sslcert or sslkey', code, error)
  const known = (code && kinds[code]) || byMessage(error.message)
  if (!known) return error
  return new StanceError(known.code, known.message(location, inner.message), {
    next: known.next,
    cause: error,
  })
}

/** A file that the address itself names: nothing was asked of a server yet. */
function unreadable(path: string, code: string | undefined, cause: unknown): StanceError {
  return new StanceError('DB_TLS', `${path}, which DATABASE_URL names, cannot be read (${code}).`, {
    next: 'Name a file that this user can read in sslrootcert, sslcert and sslkey of DATABASE_URL.',
    cause,
  })
}

interface Kind {
  code: string
  /** `said`: the server's own words. */
  message: (location: string, said: string) => string
  next: string
}

/** What the driver itself reports without a code. */
function byMessage(message: string): Kind | undefined {
  if (
    /timeout expired|Connection terminated due to connection timeout|timeout exceeded when trying to connect/.test(
      message,
    )
  ) {
    return unreachable
  }
  if (/Connection terminated unexpectedly|Connection terminated|not queryable/.test(message)) return lost
  if (/does not support SSL/.test(message)) return noTls
  if (/password must be a string/.test(message)) return kinds['28P01']
  return undefined
}

const unreachable: Kind = {
  code: 'DB_UNREACHABLE',
  message: (location) => `Nothing answers at ${location}.`,
  next: 'Check host and port in DATABASE_URL, and that the server runs and may be reached from here.',
}
const lost: Kind = {
  code: 'DB_CONNECTION_LOST',
  message: (location) =>
    `The connection to ${location} was lost. What was not committed has been rolled back.`,
  next: 'Check that the server still runs, then run this again.',
}
const noTls: Kind = {
  code: 'DB_TLS',
  message: (location) => `The server at ${location} does not speak TLS, but DATABASE_URL asks for it.`,
  next: 'Turn TLS on at the server, or (on a network you trust) take sslmode out of DATABASE_URL.',
}
const untrusted: Kind = {
  code: 'DB_TLS',
  message: (location) => `The certificate of ${location} is not trusted.`,
  next: 'Name the authority that signed it: …?sslmode=verify-full&sslrootcert=/path/ca.pem in DATABASE_URL.',
}
const refused: Kind = {
  code: 'DB_LOGIN',
  message: (location) => `${location} refuses user and password.`,
  next: 'Check user and password in DATABASE_URL (special characters percent-encoded), and pg_hba.conf.',
}
const busy: Kind = {
  code: 'DB_CONNECTIONS',
  message: (location, said) => `${location} has no connection to spare: ${said}.`,
  next: 'A process of Stance takes up to 10. Where the role in DATABASE_URL, or the database, has a limit, raise that (`alter role … connection limit 20`, `alter database … connection limit 50`); else max_connections of the server, or end what else is connected.',
}
const full: Kind = {
  code: 'DB_DISK_FULL',
  message: (location) => `The disk of ${location} is full. What was committed is safe.`,
  next: 'Free some space at the server, then run this again.',
}
const forbidden: Kind = {
  code: 'DB_PERMISSION',
  message: (location, said) => `The database user at ${location} may not do that: ${said}.`,
  next: 'Grant what is refused to the user named in DATABASE_URL; `stance doctor` prints the statements.',
}
const stopping: Kind = {
  code: 'DB_CONNECTION_LOST',
  message: (location) => `The server at ${location} is starting, stopping or was told to end this session.`,
  next: 'Run this again when the server is up.',
}
/** By a limit of the server's or the role's that is made for sessions which somebody forgot. */
const idled = (setting: string): Kind => ({
  code: 'DB_CONNECTION_LOST',
  message: (location) =>
    `${location} ended a session of Stance for waiting too long (${setting}). What was not committed has been rolled back.`,
  next: `Raise ${setting} for the user named in DATABASE_URL (alter role … set ${setting} = '10min'), then run this again.`,
})

const kinds: Record<string, Kind | undefined> = {
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOENT: unreachable,
  ECONNRESET: lost,
  EPIPE: lost,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  CERT_HAS_EXPIRED: untrusted,
  '28P01': refused,
  '28000': refused,
  '3D000': {
    code: 'DB_MISSING',
    message: (location) => `There is no database at ${location}.`,
    next: 'Create it (`createdb`), or name the right one in DATABASE_URL.',
  },
  '42501': forbidden,
  '25006': {
    code: 'DB_READ_ONLY',
    message: () => 'A statement wanted to write where only reading is allowed.',
    next: 'Write in a transaction of a database that was opened for writing (and is no standby server).',
  },
  '53100': full,
  '53200': {
    code: 'DB_OUT_OF_MEMORY',
    message: (location) => `${location} ran out of memory.`,
    next: 'Ask for fewer rows, or give the server more memory.',
  },
  '53300': busy,
  '53400': {
    code: 'DB_DISK_FULL',
    message: (location) => `A query at ${location} needed more temporary disk space than the server allows.`,
    next: 'Ask for fewer rows, or raise temp_file_limit.',
  },
  '57014': {
    code: 'DB_TIMEOUT',
    message: () => 'A statement was ended because it ran too long or the database was being closed.',
    next: 'Narrow the query, or raise its time limit.',
  },
  '25P03': idled('idle_in_transaction_session_timeout'),
  '25P04': idled('transaction_timeout'),
  '57P05': idled('idle_session_timeout'),
  '57P01': stopping,
  '57P02': stopping,
  '57P03': stopping,
  '08006': lost,
  '08003': lost,
  '08001': unreachable,
}
