-- Tables as their typed rows were last made, whole: one whose fingerprint differs is computed again from its documents,
-- and where nothing of it was ever read that is written down.
-- placement: reference
create table stance.projection (
  table_name text not null,
  fingerprint text not null,
  primary key (table_name)
);
