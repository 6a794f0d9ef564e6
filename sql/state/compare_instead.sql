update crm_sync.run set mode = 'compare' where run_id = %(run_id)s
