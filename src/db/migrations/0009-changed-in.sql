-- When the scan began (or the read of one resource) in which a row of the cell last changed: a list that was read
-- before it cannot say that what such a row names is not there.
alter table stance.cell add column changed_in timestamptz;
