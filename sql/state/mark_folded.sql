update crm_sync.run r
set folded_to = coalesce((select max(operation_id) from crm_sync.operation where run_id = r.run_id), r.folded_to)
where r.run_id = %(run_id)s
