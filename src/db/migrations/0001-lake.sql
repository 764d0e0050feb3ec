-- The lake's own tables. Typed tables (schema lake) are generated from declarations, not migrated here.
-- Times of our own tables are NULL where something has not happened yet; text is '' where there is none.

-- The tree of accounts: what owns resources and holds credentials, and what stands above it.
-- state: active | off (a person's choice) | closed (by the provider's word) | unlisted (no longer listed: unread).
-- kind: account, organization, folder, subscription, project, cluster, host, …
-- connection: the name of the connection that reads it. parent_id: '' at the top.
-- placement: reference
create table stance.account (
  account_id text not null,
  provider text not null,
  kind text not null,
  name text not null,
  parent_id text not null,
  cloud_partition text not null,
  connection text not null,
  aliases json not null,
  tags json not null,
  state text not null,
  state_since timestamptz not null,
  first_seen timestamptz not null,
  primary key (account_id)
);

-- One row an account, updated first in every transaction that writes the account's lake: writers of one account
-- follow each other, so that facts are derived from what is committed.
-- placement: distributed by account_id
create table stance.account_turn (
  account_id text not null,
  turns bigint not null,
  primary key (account_id)
);

-- The atom of collecting and coverage: table × account × part.
-- state: of the last attempt that ended. in_force: its rows may be relied on (just read, or kept from ok_at).
-- since: since when state and in_force are these. ok_at: when the last good listing began (what its data speaks of).
-- attempted_at: when the last attempt's listing began. stale_before: where it is not in force, rows read before
-- this are not listed any more. rows, calls, throttles, duration_ms: of the last attempt (rows: known now).
-- code, message, action, denied_by, next: why it is not read, '' where it is.
-- placement: distributed by account_id
create table stance.cell (
  account_id text not null,
  table_name text not null,
  part text not null,
  state text not null,
  in_force boolean not null,
  since timestamptz not null,
  ok_at timestamptz,
  attempted_at timestamptz,
  stale_before timestamptz,
  rows bigint not null,
  calls bigint not null,
  throttles bigint not null,
  duration_ms bigint not null,
  code text not null,
  message text not null,
  action text not null,
  denied_by text not null,
  next text not null,
  primary key (account_id, table_name, part)
);

-- One row per live resource: its document, and how each group of it was read.
-- part: the part of the cell that vouches for it. parent_key: the row it was listed within, '' where none.
-- incarnation: creation time or unique id, as findings are named by; seen_incarnation: the same as last read
-- (they differ only where a table learnt to tell incarnations after the resource was known).
-- tags: NULL where they were never read; tags_read: their group is in force.
-- content: {group: the provider's JSON, null where it says "not configured"}; a partial way of reading stands
-- beside it as "group#column,column". A group that was never read is missing.
-- state: {group: {state, read_at, ok_at, in_force, since, hash, failure, …}}.
-- list_state, list_read_at, in_force, in_force_since: the group `list`; these count, not the copy in `state`.
-- hash: over content without volatile fields. row_hash: over the typed row and child rows.
-- projection: version of the declaration that made the typed row. valid_from: since when content is this.
-- placement: distributed by account_id
create table stance.resource (
  account_id text not null,
  resource_key text not null,
  table_name text not null,
  provider text not null,
  cloud_partition text not null,
  region text not null,
  part text not null,
  owner_account_id text not null,
  parent_key text not null,
  native_id text not null,
  name text not null,
  incarnation text not null,
  seen_incarnation text not null,
  tags json,
  tags_read boolean not null,
  content json not null,
  state json not null,
  list_state text not null,
  list_read_at timestamptz not null,
  in_force boolean not null,
  in_force_since timestamptz not null,
  hash text not null,
  row_hash text not null,
  projection text not null,
  first_seen timestamptz not null,
  valid_from timestamptz not null,
  primary key (account_id, resource_key)
);

create index resource_by_cell on stance.resource (account_id, table_name, part);

-- Tags as rows; the resource's region and table stand beside them, so that they are found without a join.
-- placement: distributed by account_id
create table stance.resource_tag (
  account_id text not null,
  resource_key text not null,
  tag_key text not null,
  tag_value text not null,
  table_name text not null,
  region text not null,
  primary key (account_id, resource_key, tag_key)
);

-- Closed versions of documents, append-only: the open one is the row in stance.resource.
-- closed_as: changed | gone | replaced (by another incarnation) | off | closed.
-- placement: distributed by account_id
create table stance.resource_version (
  account_id text not null,
  resource_key text not null,
  valid_to timestamptz not null,
  valid_from timestamptz not null,
  table_name text not null,
  provider text not null,
  cloud_partition text not null,
  region text not null,
  part text not null,
  owner_account_id text not null,
  parent_key text not null,
  native_id text not null,
  name text not null,
  incarnation text not null,
  tags json,
  content json not null,
  state json not null,
  list_state text not null,
  in_force boolean not null,
  in_force_since timestamptz not null,
  hash text not null,
  first_seen timestamptz not null,
  closed_as text not null,
  primary key (account_id, resource_key, valid_to, valid_from)
);

create index resource_version_by_table on stance.resource_version (account_id, table_name, valid_to);

-- Groups whose last attempt did not read them, per resource: what coverage shows. Sparse; those that were read,
-- or never tried, have no row here.
-- placement: distributed by account_id
create table stance.unread_group (
  account_id text not null,
  resource_key text not null,
  group_name text not null,
  table_name text not null,
  region text not null,
  part text not null,
  state text not null,
  in_force boolean not null,
  since timestamptz not null,
  ok_at timestamptz,
  code text not null,
  message text not null,
  action text not null,
  denied_by text not null,
  next text not null,
  primary key (account_id, resource_key, group_name)
);

create index unread_group_by_cell on stance.unread_group (account_id, table_name, part);

-- Closed intervals of the states of cells (resource_key and group_name '') and of groups, append-only.
-- placement: distributed by account_id
create table stance.coverage_history (
  account_id text not null,
  table_name text not null,
  part text not null,
  resource_key text not null,
  group_name text not null,
  valid_to timestamptz not null,
  valid_from timestamptz not null,
  state text not null,
  in_force boolean not null,
  code text not null,
  action text not null,
  denied_by text not null,
  primary key (account_id, table_name, part, resource_key, group_name, valid_to, valid_from)
);

-- What was deleted. read_at: the moment at which it was known to be gone; a read that is older brings nothing back.
-- reason: gone | replaced | off | closed. returned_at: the same incarnation was seen again.
-- placement: distributed by account_id
create table stance.tombstone (
  account_id text not null,
  resource_key text not null,
  deleted_at timestamptz not null,
  table_name text not null,
  region text not null,
  part text not null,
  native_id text not null,
  name text not null,
  incarnation text not null,
  first_seen timestamptz not null,
  read_at timestamptz not null,
  reason text not null,
  returned_at timestamptz,
  primary key (account_id, resource_key, deleted_at)
);

-- Staging of one read that is too large for memory: what collect handed over, until the cell ends.
-- placement: distributed by account_id
create table stance.resource_stage (
  account_id text not null,
  batch text not null,
  chunk bigint not null,
  nr bigint not null,
  staged_at timestamptz not null,
  resource json not null,
  primary key (account_id, batch, chunk, nr)
);

-- Working table of one read: resources that are as they were, with what is new about when they were read.
-- placement: distributed by account_id
create table stance.resource_change (
  account_id text not null,
  batch text not null,
  resource_key text not null,
  state json not null,
  list_read_at timestamptz not null,
  primary key (account_id, batch, resource_key)
);
