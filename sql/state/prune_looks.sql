delete from crm_sync.looked_at where looked_at < %(before)s
