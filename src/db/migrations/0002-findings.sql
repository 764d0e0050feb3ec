-- Rules as they were last loaded: what findings are joined with. Never a rule's text: that is the file's.
-- `id_seed` is the oldest id that the rule ever had (`formerly:`); finding ids are made from it.
-- placement: reference
create table stance.rule (
  rule_id text not null,
  id_seed text not null,
  table_name text not null,
  service text not null,
  title text not null,
  severity_private text not null,
  severity_public text not null,
  enabled boolean not null,
  fingerprint text not null,
  primary key (rule_id)
);

-- Facts as they were last derived: one whose fingerprint differs is derived again everywhere.
-- placement: reference
create table stance.fact (
  table_name text not null,
  column_name text not null,
  fingerprint text not null,
  primary key (table_name, column_name)
);

-- A slot is a place in the verdict string of a table; append-only, never given to another rule.
-- placement: reference
create table stance.rule_slot (
  table_name text not null,
  slot bigint not null,
  id_seed text not null,
  primary key (table_name, slot)
);

-- The verdicts of one resource as one string: exposure, then one character per slot (src/core/verdict.ts).
-- `table_name` is the table of the rules; a row about an unread cell stands on the scope's own resource.
-- placement: distributed by account_id
create table stance.verdict (
  account_id text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  verdicts text not null,
  primary key (account_id, table_name, resource_key)
);

-- Working table of one judgement: what changed, before it is unfolded.
-- placement: distributed by account_id
create table stance.verdict_change (
  account_id text not null,
  batch text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  old_verdicts text not null,
  new_verdicts text not null,
  primary key (account_id, batch, table_name, resource_key)
);

-- Working table of one judgement: findings that open, change or close (verdict NULL), with all that they become.
-- `old_*` is NULL where the finding is new; `old_definite` is also that of a closed one that comes back, and
-- `old_severity` what people last heard.
-- placement: distributed by account_id
create table stance.finding_change (
  account_id text not null,
  batch text not null,
  finding_id text not null,
  rule_id text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  verdict text,
  since timestamptz not null,
  definite_verdict text not null,
  definite_since timestamptz not null,
  severity text not null,
  severity_max text not null,
  first_seen timestamptz not null,
  first_failed_at timestamptz not null,
  old_verdict text,
  old_definite text,
  old_severity text,
  known_severity text not null,
  closed_as text not null,
  primary key (account_id, batch, finding_id)
);

-- Evidence of a judgement, computed in batches before the findings are written.
-- placement: distributed by account_id
create table stance.finding_evidence (
  account_id text not null,
  batch text not null,
  finding_id text not null,
  evidence json not null,
  primary key (account_id, batch, finding_id)
);

-- What a closed finding was, so that one that comes back is reopened and not new.
-- placement: distributed by account_id
create table stance.finding_closed (
  account_id text not null,
  finding_id text not null,
  rule_id text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  definite_verdict text not null,
  definite_since timestamptz not null,
  first_seen timestamptz not null,
  first_failed_at timestamptz not null,
  closed_as text not null,
  closed_at timestamptz not null,
  primary key (account_id, finding_id)
);

-- Current findings, one row per rule and resource.
-- `since`: since when it has this verdict. `definite_*`: the last verdict that was not unknown ('' if none yet).
-- `valid_from`: since when this row reads as it does (severity may change under one verdict).
-- `known_severity`: as people last heard of it; an exposure that is not known for a while leaves it as it is.
-- `first_failed_at`: 9999 where it never failed.
-- placement: distributed by account_id
create table stance.finding (
  account_id text not null,
  finding_id text not null,
  rule_id text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  verdict text not null,
  since timestamptz not null,
  definite_verdict text not null,
  definite_since timestamptz not null,
  severity text not null,
  severity_max text not null,
  first_seen timestamptz not null,
  first_failed_at timestamptz not null,
  known_severity text not null,
  valid_from timestamptz not null,
  evidence json,
  primary key (account_id, finding_id)
);

create index finding_by_rule on stance.finding (account_id, table_name, resource_key);

-- Closed intervals, append-only. `closed_as` is '' where the finding went on, else why it ended:
-- gone, not_applicable, rule_off, account_off.
-- placement: distributed by account_id
create table stance.finding_history (
  account_id text not null,
  finding_id text not null,
  valid_to timestamptz not null,
  valid_from timestamptz not null,
  rule_id text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  verdict text not null,
  since timestamptz not null,
  definite_verdict text not null,
  definite_since timestamptz not null,
  severity text not null,
  severity_max text not null,
  first_seen timestamptz not null,
  first_failed_at timestamptz not null,
  closed_as text not null,
  evidence json,
  primary key (account_id, finding_id, valid_to)
);

-- The outbox of notify and respond: one row per change that people hear of.
-- kind: failed, reopened, resolved, severity, closed. Unknown makes none.
-- placement: distributed by account_id
create table stance.finding_event (
  account_id text not null,
  finding_id text not null,
  batch text not null,
  happened_at timestamptz not null,
  kind text not null,
  rule_id text not null,
  table_name text not null,
  resource_key text not null,
  region text not null,
  verdict text not null,
  severity text not null,
  primary key (account_id, finding_id, batch)
);

-- What must be judged again and why not yet: written with the change that asks for it, deleted with the judgement.
-- `resource_keys` is a JSON list, or NULL for all of the region ('*': of the account).
-- placement: distributed by account_id
create table stance.pending_judgement (
  account_id text not null,
  pending_id text not null,
  table_name text not null,
  region text not null,
  resource_keys json,
  asked_at timestamptz not null,
  primary key (account_id, pending_id)
);
