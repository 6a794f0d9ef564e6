select stage from crm_sync.stage_stamp where run_id = %(run_id)s and token = %(token)s
