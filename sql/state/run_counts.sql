select planned, applied, refused, deferred, held, unsettled, set_aside from crm_sync.run_summary where run_id = %(run_id)s
