update crm_sync.run set held_back = %(held_back)s::jsonb where run_id = %(run_id)s
