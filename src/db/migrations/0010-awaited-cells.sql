-- When the scan began that is about to read the cell, or was cut off before it did; NULL: what is known of it is as new
-- as what is known of others.
alter table stance.cell add column awaited_since timestamptz;
