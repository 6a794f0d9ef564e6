-- What a later plan of the same run took over, or waits as the run has said, is not left over.
update crm_sync.run r
set left_over = (
        select count(*) from crm_sync.not_applied o
        where o.run_id = r.run_id and o.status = 'deferred' and coalesce(o.reason, '') not in ('planned_anew', 'daily_quota') and not o.isolated
    ),
    folded_to = greatest(r.folded_to, coalesce((select max(p.operation_id) from crm_sync.planned_operation p where p.run_id = r.run_id), 0)),
    folded_at = now()
where r.run_id = %(run_id)s
