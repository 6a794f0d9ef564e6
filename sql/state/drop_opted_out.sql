-- Whoever has left there by now is sent nothing more that would write over it, or hide it; out of lists they are taken still, by a call
-- that speaks of lists alone. Lists that they may have been put into, by a call whose answer was lost, are in doubt. Calls
-- that began after began_at go on.
with asked as (
    select operation_id, contact_id, subject from crm_sync.planned_operation where run_id = %(run_id)s and subject is not null
    union all
    select operation_id, contact_id, from_subject from crm_sync.planned_operation where run_id = %(run_id)s and subject is not null and from_subject is not null
), met as materialized (
    select a.operation_id, min(case x.reason when 'cleaned' then 'cleaned' else 'opted_out' end) as reason
    from asked a
    join crm_sync.opt_out x on x.provider = %(provider)s and x.subject = a.subject and x.lifted_at is null
        and (x.contact_ids is null or a.contact_id = any (x.contact_ids))
    group by a.operation_id
), dropped as materialized (
    select o.operation_id, o.subject, o.verb, o.list_id, o.status, o.sent_at, met.reason
    from met join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = met.operation_id
    where o.is_unfolded and o.status in ('pending', 'sent')
      and (o.status = 'pending' or o.sent_at < %(began_at)s::timestamptz or %(began_at)s::timestamptz is null)
      and (o.verb <> 'remove_from_list' or o.rides_on is not null)
), in_doubt as (
    update crm_sync.holding h
    set unanswered_lists = array(select distinct unnest(h.unanswered_lists || d.lists) order by 1)
    from (select subject, array_agg(list_id) as lists from dropped where status = 'sent' and verb = 'add_to_list' group by subject) d
    where h.provider = %(provider)s and h.subject = d.subject
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'refused', min(reason), max(sent_at)
from dropped group by operation_id, verb
returning operation_id, verb, lists
