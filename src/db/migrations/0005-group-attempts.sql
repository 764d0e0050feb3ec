-- When each group beside the list was last tried for all rows that the cell's read listed: {group: time}. What is read
-- once a day is due by this, whatever single resources were read in between. NULL: never, or before this was kept.
alter table stance.cell add column group_attempts json;
