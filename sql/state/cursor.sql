select snapshot, crm_identity, polled_at, marker::text, log_installed from crm_sync.cursor where provider = %(provider)s
