-- What was never sent is planned anew; what was sent and not answered is history, left to the new plan.
with unanswered as (
    update crm_sync.operation set status = 'deferred', reason = 'planned_anew', settled_at = now()
    where run_id = %(run_id)s and status = 'sent'
)
delete from crm_sync.operation where run_id = %(run_id)s and status in ('pending', 'held')
