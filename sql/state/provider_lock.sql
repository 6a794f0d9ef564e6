select pg_advisory_xact_lock(hashtext('crm_sync.open'), hashtext(%(provider)s))
