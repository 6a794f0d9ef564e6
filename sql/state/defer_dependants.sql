-- Whoever could not be brought across, because their own call fails, joins and leaves no list before that is known; nor does anybody
-- join a list whose own call fails.
with failed as materialized (
    select p.subject, p.list_id, min(o.reason) as reason
    from crm_sync.outcome o join crm_sync.planned_operation p using (run_id, operation_id)
    where o.run_id = %(run_id)s and o.status = 'deferred' and o.isolated and o.verb in ('create_list', 'change_address', 'create', 'enable')
    group by p.subject, p.list_id
), dependants as (
    select p.operation_id, f.reason, case when f.subject is null then f.list_id end as list_id
    from failed f join crm_sync.planned_operation p
        on p.run_id = %(run_id)s and (p.subject = f.subject or (f.subject is null and (f.list_id = any (p.joins) or f.list_id = any (p.leaves))))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, isolated, reason, sent_at)
select %(run_id)s, o.operation_id, o.verb, array_agg(distinct o.list_id), 'deferred', true, min(d.reason), max(o.sent_at)
from dependants d join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = d.operation_id
where o.verb in ('add_to_list', 'remove_from_list') and o.status in ('pending', 'sent') and o.ticket is null
  and (d.list_id is null or d.list_id = o.list_id)
group by o.operation_id, o.verb, o.sent_at is null
