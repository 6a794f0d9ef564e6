with gone as (delete from crm_sync.observed_list where run_id = %(run_id)s)
delete from crm_sync.observed where run_id = %(run_id)s
