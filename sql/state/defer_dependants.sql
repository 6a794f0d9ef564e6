-- Whoever could not be brought across, because their own call fails, joins and leaves no list before that is known; nor does anybody
-- join a list whose own call fails.
update crm_sync.operation o
set status = 'deferred', isolated = true, reason = m.reason, settled_at = now()
from (
    select subject, case when subject is null then list_id end as list_id, min(reason) as reason from crm_sync.operation
    where run_id = %(run_id)s and status = 'deferred' and isolated and verb in ('create_list', 'change_address', 'create', 'enable')
    group by 1, 2
) m
where o.run_id = %(run_id)s and o.verb in ('add_to_list', 'remove_from_list') and o.status in ('pending', 'sent') and o.ticket is null
  and (o.subject = m.subject or o.list_id = m.list_id)
