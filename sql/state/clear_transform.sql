delete from crm_sync.desired where run_id = %(run_id)s
