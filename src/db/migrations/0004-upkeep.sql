-- What is to be done now and then, whoever does it: when it was begun last.
-- placement: reference
create table stance.upkeep (
  task text not null,
  begun_at timestamptz not null,
  primary key (task)
);
