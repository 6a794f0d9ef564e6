-- All have their outcome.
delete from crm_sync.sent where run_id = %(run_id)s
