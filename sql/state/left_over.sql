-- Operations that the run leaves to the next one.
select left_over from crm_sync.run where run_id = %(run_id)s
