import { createHash, randomBytes } from 'node:crypto'
import { StanceError } from '../../core/errors.ts'
import type { Database, Transaction } from '../database.ts'
import { quoteName, quoteText } from '../identifier.ts'
import { openPostgres } from '../postgres/open-postgres.ts'
import { bySuperuser, createReaderRole, tablesBeneath, tempFileLimitSql } from './create-reader-role.ts'
import { openReader } from './open-reader.ts'
import { defaultGrantSql, readerSql } from './reader-sql.ts'
import { scramVerifier } from './scram-verifier.ts'

export interface OwnReader {
  reader: Database
  name: string
  /** What Stance's own user was not allowed to do for the role, and who can. */
  missing: readonly string[]
}

/** A login with this password works for so long; a session that has begun goes on. */
const passwordSeconds = 60

/**
 * Logs in as a read-only role that Stance's own user makes for this database, where it may make roles. Each time with
 * a new password that is forgotten at once, so that nobody else can use the role.
 */
export async function openOwnReader(url: string, views: readonly string[]): Promise<OwnReader> {
  const own = await openPostgres({ url, connections: 2 })
  try {
    const name = await roleName(own)
    // The password is the role's: two that log in at once would take it from each other.
    return await own.transaction(
      async (turn) => {
        await turn.query(`select pg_advisory_xact_lock(hashtext('stance query role'))::text`)
        const password = randomBytes(24).toString('base64url')
        const missing = await prepare(own, { name, password, views })
        return { reader: await login(url, name, password), name, missing }
      },
      { readOnly: true },
    )
  } finally {
    await own.close()
  }
}

/** Roles belong to the whole server, so each database has its own. */
async function roleName(db: Database): Promise<string> {
  const [found] = await db.query<{ name: string }>('select current_database()::text as name')
  const hash = createHash('sha256').update(found?.name ?? '')
  return `stance_query_${hash.digest('hex').slice(0, 12)}`
}

interface Wanted {
  name: string
  password: string
  views: readonly string[]
}

async function prepare(own: Database, wanted: Wanted): Promise<readonly string[]> {
  const { name, password } = wanted
  try {
    const { ready, limited } = await look(own, wanted)
    const missing = limited ? [] : [bySuperuser(tempFileLimitSql(name))]
    const made = ready ? missing : (await createReaderRole(own, wanted)).missing
    await own.transaction(async (tx) => {
      const until = await inSeconds(tx, passwordSeconds)
      const verifier = quoteText(scramVerifier(password))
      await tx.run(`alter role ${quoteName(name)} password ${verifier} valid until ${quoteText(until)}`)
    })
    return made
  } catch (error) {
    if (error instanceof StanceError && ['DB_PERMISSION', 'DB_READ_ONLY'].includes(error.code))
      throw noReader(error)
    throw error
  }
}

/** Whether the role has its settings and may read all views (then only the password is new), and its limit on files. */
async function look(own: Database, { name, views }: Wanted): Promise<{ ready: boolean; limited: boolean }> {
  const beneath =
    own.engine === 'citus' ? await own.transaction((tx) => tablesBeneath(tx, views), { readOnly: true }) : []
  const [found] = await own.query<{ ready: boolean; limited: boolean }>(
    `select coalesce(array_to_string(r.rolconfig, ' '), '') like '%temp_file_limit=%' as limited,
       r.rolcanlogin and coalesce(array_to_string(r.rolconfig, ' '), '') like '%default_transaction_read_only=on%'
       and not exists (
         select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind = 'v' and c.relname = any($2::text[])
           and not has_table_privilege(r.oid, c.oid, 'select')
       ) and not exists (
         select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname || '.' || c.relname = any($3::text[])
           and not (has_schema_privilege(r.oid, n.oid, 'usage') and has_table_privilege(r.oid, c.oid, 'select'))
       ) as ready
     from pg_roles r where r.rolname = $1::text`,
    [name, views, beneath],
  )
  return found ?? { ready: false, limited: false }
}

async function inSeconds(tx: Transaction, seconds: number): Promise<string> {
  const [row] = await tx.query<{ until: string }>(
    `select (now() + make_interval(secs => $1::double precision))::text as until`,
    [seconds],
  )
  return row?.until ?? 'epoch'
}

async function login(url: string, name: string, password: string): Promise<Database> {
  const address = new URL(url)
  // Parameters win over what stands before the host, and an address of a socket has no place there.
  address.searchParams.set('user', name)
  address.searchParams.set('password', password)
  try {
    return await openReader(address.href)
  } catch (error) {
    if (error instanceof StanceError && error.code === 'DB_LOGIN') throw refusedAtTheDoor(name, error)
    throw error
  }
}

function noReader(cause: unknown): StanceError {
  return new StanceError(
    'QUERY_NO_READER',
    'Queries run in a session that can only read, and the user of DATABASE_URL may not make a login for that.',
    {
      next: [
        'Let an administrator of the database run this, then set STANCE_DATABASE_READER_URL (or `database.reader_url`) to the address with that login:',
        ...readerSql(),
        'And as the user of DATABASE_URL:',
        defaultGrantSql(),
      ].join('\n'),
      cause,
    },
  )
}

function refusedAtTheDoor(name: string, cause: unknown): StanceError {
  return new StanceError(
    'QUERY_READER_LOGIN',
    `Queries log in as ${name}, a role that Stance made for this, and the server does not let it in with a password.`,
    {
      next: 'Let pg_hba.conf (or the pooler before the server) allow it `scram-sha-256`, or make a login by hand and set STANCE_DATABASE_READER_URL: docs/guide/sql.md has its SQL.',
      cause,
    },
  )
}
