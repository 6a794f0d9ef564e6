-- Of every transaction, whatever it is about.

-- name: sort_memory () -> nothing
-- PostgreSQL's own 4 MB send every sort and join of a run through files. For the transaction alone: behind a pooler
-- others use the same session.
set local work_mem = '64MB';

-- name: limit_time () -> nothing
-- A page gives up before a person does, and leaves no work behind.
set local statement_timeout = '10s';

-- name: moment () -> clock_timestamp
-- The time by the clock of the state database.
select clock_timestamp();

-- name: may_write () -> may
-- Whether this database takes changes: a replica does not, nor one whose transactions only read unless they say so.
select current_setting('transaction_read_only') = 'off' as may;
