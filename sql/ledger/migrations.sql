-- Brings the schema up to date: the files of migrations/ that this database does not have yet, in their order.

-- name: lock () -> nothing
-- Two tasks that start at once migrate one after the other. Released at commit.
select pg_advisory_xact_lock(hashtext('crm_sync.migrations'));

-- name: exists () -> boolean
select to_regclass('crm_sync.migration') is not null;

-- name: applied () -> name
select name from crm_sync.migration order by name;

-- name: done (name) -> rows touched
insert into crm_sync.migration (name) values (%(name)s);
