/** What an administrator runs once where Stance's own user may not make a login that reads the views and nothing else. */
export function readerSql(name = 'stance_reader'): string[] {
  return [
    `create role ${name} login password 'choose a long one' connection limit 20;`,
    `alter role ${name} set default_transaction_read_only = on;`,
    `alter role ${name} set statement_timeout = '30s';`,
    `alter role ${name} set idle_in_transaction_session_timeout = '60s';`,
    `alter role ${name} set work_mem = '32MB';`,
    `alter role ${name} set temp_file_limit = '2GB';`,
    `alter role ${name} set search_path = public;`,
    `grant usage on schema public to ${name};`,
    `grant select on all tables in schema public to ${name};`,
  ]
}

/** For views that a newer Stance makes anew: only who makes them can say this. */
export function defaultGrantSql(name = 'stance_reader'): string {
  return `alter default privileges in schema public grant select on tables to ${name};`
}
