-- Two workers never renew one token at once. Released at commit.
select pg_advisory_xact_lock(hashtext('crm_sync.token'), hashtext(%(provider)s))
