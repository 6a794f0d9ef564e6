-- Operations that the run leaves to the next one. What a later plan of the same run took over is not among them.
select count(*) from crm_sync.operation where run_id = %(run_id)s and status = 'deferred' and reason is distinct from 'planned_anew'
