update crm_sync.run set state = %(state)s where run_id = %(run_id)s
