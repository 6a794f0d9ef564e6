-- An operation is written three times: planned, sent, settled. A page that has room for all three lets an update leave the
-- indexes alone; without it, half of the updates wrote to all four of them.
alter table crm_sync.operation set (fillfactor = 35);
