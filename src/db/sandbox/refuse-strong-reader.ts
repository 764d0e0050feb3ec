import { StanceError } from '../../core/errors.ts'
import type { Database } from '../database.ts'

/** Roles that this session is or could become, and that may do more than read. */
const strong = `select r.rolname::text as name from pg_roles r
  where pg_has_role(session_user, r.oid, 'member') and (
    r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls or r.rolname like 'pg\\_%'
    or exists (
      select 1 from pg_namespace n where n.nspname in ('public', 'lake', 'stance')
        and has_schema_privilege(r.oid, n.oid, 'create')
    )
    or exists (
      select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'lake', 'stance') and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and (c.relowner = r.oid or has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate, trigger'))
    )
  ) order by r.rolname nulls last limit 1`

/** The second wall is one only if whoever logs in can do nothing but read. Superusers are members of every role. */
export async function refuseStrongReader(reader: Database): Promise<void> {
  const [found] = await reader.query<{ name: string }>(strong)
  if (found === undefined) return
  const [me] = await reader.query<{ name: string }>('select session_user::text as name')
  const name = me?.name ?? ''
  const through = found.name === name ? '' : ` (through the role ${found.name})`
  throw new StanceError(
    'QUERY_READER_STRONG',
    `Queries would run as ${name}, which may do more than read${through}.`,
    {
      next: 'Name a login that was made for this alone in `database.reader_url`: docs/guide/sql.md has its SQL.',
    },
  )
}
