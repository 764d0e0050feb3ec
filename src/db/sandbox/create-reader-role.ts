import { StanceError } from '../../core/errors.ts'
import type { Database, Transaction } from '../database.ts'
import { quoteName, quoteText } from '../identifier.ts'
import { scramVerifier } from './scram-verifier.ts'

export interface ReaderRoleOptions {
  /** Lower-case letters, digits and underscores. */
  name: string
  /** Printable ASCII, at least 12 characters. It reaches the server as a verifier only. */
  password: string
  /** Views of schema `public` that the role may read. Those that Stance makes later are added by themselves. */
  views: readonly string[]
  /** Default 30 s. */
  statementTimeoutMs?: number
  /** Default 32 MB. */
  workMemMb?: number
  /** Default 2048 MB; only a superuser can set it. */
  tempFileLimitMb?: number
}

export interface ReaderRole {
  name: string
  /** What this database user was not allowed to do, and who can do it. */
  missing: string[]
}

interface KnownRole {
  powerful: boolean
  member: boolean
  itself: boolean
}

/**
 * Makes or updates a login that can read the documented views and nothing else. Its limits hold for sessions
 * that do not change them; `temp_file_limit`, where it could be set, holds for all.
 */
export async function createReaderRole(db: Database, options: ReaderRoleOptions): Promise<ReaderRole> {
  check(db, options)
  const role = quoteName(options.name)
  await db.transaction(
    async (tx) => {
      const known = await knownRole(tx, options.name)
      if (known !== undefined) refuseStrong(options.name, known)
      const login = `login password ${quoteText(scramVerifier(options.password))} connection limit 20`
      await tx.run(`${known === undefined ? 'create' : 'alter'} role ${role} ${login}`)
      for (const [setting, value] of settings(options))
        await tx.run(`alter role ${role} set ${setting} = ${value}`)
      await grant(tx, role, options.views, db.engine === 'citus')
    },
    { label: 'reader role' },
  )
  const missing: string[] = []
  const tempFileLimit = tempFileLimitSql(options.name, options.tempFileLimitMb)
  if (!(await allowed(db, [tempFileLimit]))) missing.push(bySuperuser(tempFileLimit))
  if (db.engine === 'citus') {
    const revokes = await db.transaction((tx) => sideDoors(tx), { readOnly: true })
    if (!(await allowed(db, revokes))) missing.push(...revokes.map(bySuperuser))
  }
  return { name: options.name, missing }
}

export function tempFileLimitSql(name: string, megabytes = 2048): string {
  return `alter role ${quoteName(name)} set temp_file_limit = '${String(megabytes)}MB'`
}

export function bySuperuser(sql: string): string {
  return `A superuser has to run: ${sql}`
}

function check(db: Database, { name, password }: ReaderRoleOptions): void {
  if (db.engine === 'duckdb') {
    throw new StanceError('DB_READER_ROLE', 'DuckDB has no roles.', {
      next: 'Give BI a copy of the database instead, made by `stance backup`.',
    })
  }
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name) || name.startsWith('pg_')) {
    throw new StanceError('DB_READER_ROLE', 'This is no good name for a reader role.', {
      next: 'Use lower-case letters, digits and underscores, such as stance_reader.',
    })
  }
  if (!/^[\x20-\x7e]{12,200}$/.test(password)) {
    throw new StanceError('DB_READER_ROLE', 'This is no good password for a reader role.', {
      next: 'Use 12 to 200 printable ASCII characters.',
    })
  }
}

async function knownRole(tx: Transaction, name: string): Promise<KnownRole | undefined> {
  const [found] = await tx.query<KnownRole>(
    `select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as powerful,
       exists (select 1 from pg_auth_members m where m.member = r.oid) as member,
       rolname = current_user or rolname = session_user as itself
     from pg_roles r where rolname = $1`,
    [name],
  )
  return found
}

function refuseStrong(name: string, { powerful, member, itself }: KnownRole): void {
  if (!powerful && !member && !itself) return
  throw new StanceError('DB_READER_ROLE', `The role ${name} is there already, and may do more than read.`, {
    next: 'Name a role that is made for this alone.',
  })
}

function settings(options: ReaderRoleOptions): [string, string][] {
  return [
    ['default_transaction_read_only', 'on'],
    ['statement_timeout', String(Math.ceil(options.statementTimeoutMs ?? 30_000))],
    ['idle_in_transaction_session_timeout', '60000'],
    ['work_mem', `'${String(options.workMemMb ?? 32)}MB'`],
    ['search_path', 'public'],
    ['timezone', `'UTC'`],
  ]
}

async function grant(
  tx: Transaction,
  role: string,
  views: readonly string[],
  isCitus: boolean,
): Promise<void> {
  await tx.run(`grant usage on schema public to ${role}`)
  // A view that gets new columns is made anew, and would lose its grants.
  await tx.run(`alter default privileges in schema public grant select on tables to ${role}`)
  const there = await tx.query<{ name: string }>(
    `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind = 'v' and c.relname = any($1::text[])
     order by c.relname nulls last`,
    [views],
  )
  for (const { name } of there) await tx.run(`grant select on public.${quoteName(name)} to ${role}`)
  if (!isCitus) return
  // Citus opens views up first, and asks for the tables beneath as the session's user.
  await tx.run(`alter default privileges in schema lake grant select on tables to ${role}`)
  for (const table of await tablesBeneath(
    tx,
    there.map(({ name }) => name),
  )) {
    await tx.run(`grant usage on schema ${quoteName(table.split('.')[0]!)} to ${role}`)
    await tx.run(`grant select on ${quoteName(table)} to ${role}`)
  }
}

export async function tablesBeneath(tx: Transaction, views: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select distinct tn.nspname || '.' || t.relname as name
     from pg_class v join pg_namespace vn on vn.oid = v.relnamespace
     join pg_rewrite r on r.ev_class = v.oid
     join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
     join pg_class t on t.oid = d.refobjid and t.oid <> v.oid
     join pg_namespace tn on tn.oid = t.relnamespace
     where vn.nspname = 'public' and v.relkind = 'v' and v.relname = any($1::text[])
     order by 1 nulls last`,
    [views],
  )
  return rows.map(({ name }) => name)
}

/** What runs SQL on other nodes, past any transaction of ours. */
async function sideDoors(tx: Transaction): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc p
     where (p.proname like 'run\\_command\\_on\\_%' or p.proname = 'master_run_on_worker')
     order by 1 nulls last`,
  )
  return rows.map(({ name }) => `revoke execute on function ${name} from public`)
}

async function allowed(db: Database, statements: readonly string[]): Promise<boolean> {
  try {
    await db.transaction(async (tx) => {
      for (const sql of statements) await tx.run(sql)
    })
    return true
  } catch (error) {
    if (error instanceof StanceError && error.code === 'DB_PERMISSION') return false
    throw error
  }
}
