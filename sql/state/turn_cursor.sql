-- Until a run of everybody is recorded, nothing is known of the account.
update crm_sync.cursor set account = %(account)s, snapshot = null, polled_at = null, compared_at = null where provider = %(provider)s
