delete from crm_sync.set_aside where run_id = %(run_id)s
