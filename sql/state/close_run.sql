update crm_sync.run set state = %(state)s, finished_at = now() where run_id = %(run_id)s
