-- Two tasks that start at once migrate one after the other. Released at commit.
select pg_advisory_xact_lock(hashtext('crm_sync.migrations'))
