-- One execution of collect + evaluate over some scopes. state: running | done | interrupted | failed.
-- options: what narrowed it. summary: what it found and cost (calls by service and operation), when it ended.
-- placement: reference
create table stance.scan (
  scan_id text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  state text not null,
  options json not null,
  summary json,
  primary key (scan_id)
);

-- Who reads a cell now. Two never overlap on one; a holder that died is past `until_at`.
-- placement: distributed by account_id
create table stance.cell_lease (
  account_id text not null,
  table_name text not null,
  part text not null,
  holder text not null,
  until_at timestamptz not null,
  primary key (account_id, table_name, part)
);
