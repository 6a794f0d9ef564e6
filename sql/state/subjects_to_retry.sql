select subject from crm_sync.holding where provider = %(provider)s and retry_at <= %(now)s
