update crm_sync.run set calls_again_at = %(again_at)s where run_id = %(run_id)s
