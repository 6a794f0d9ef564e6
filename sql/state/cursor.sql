select snapshot, crm_identity, polled_at from crm_sync.cursor where provider = %(provider)s
