select snapshot, crm_identity, polled_at, marker::text, read_marker::text, log_installed, account, fingerprint, compared_at, is_whole from crm_sync.cursor where provider = %(provider)s
