import type { Database } from '../database.ts'

/** What a scan needs of a database and this user may not, as the statements that would allow it. */
export async function missingRights(db: Database): Promise<string[]> {
  const rows = await db.query<{ schema: string | null; database: string; person: string }>(
    `select n.nspname::text as schema, current_database()::text as database, current_user::text as person
     from (values ('lake'), ('stance'), ('public')) as s(name) left join pg_namespace n on n.nspname = s.name
     where case when n.oid is null then not has_database_privilege(current_database(), 'CREATE')
       else not (has_schema_privilege(n.oid, 'CREATE') and has_schema_privilege(n.oid, 'USAGE')) end
     order by n.nspname nulls first`,
  )
  const grants = rows.map(({ schema, database, person }) => {
    return schema === null
      ? `grant create on database ${name(database)} to ${name(person)}`
      : `grant usage, create on schema ${name(schema)} to ${name(person)}`
  })
  return [...new Set(grants)]
}

/** One name, dots and all. */
function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
