update crm_sync.run set snapshot = %(snapshot)s, crm_identity = %(crm_identity)s, extracted_at = now() where run_id = %(run_id)s
