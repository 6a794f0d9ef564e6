-- Whatever was called, and has no outcome, is said to be sent: whether it had an effect, nobody knows.
with marks as (
    delete from crm_sync.sent where run_id = %(run_id)s returning operation_ids, sent_at
), last as (
    select operation_id, max(sent_at) as sent_at from marks, unnest(operation_ids) as operation_id group by operation_id
)
update crm_sync.operation o set status = 'sent', sent_at = last.sent_at
from last
where o.operation_id = last.operation_id and o.status in ('pending', 'sent') and o.ticket is null
