-- Whoever has left there by now is sent nothing more that would write over it, or hide it; out of lists they are taken still, by a call
-- that speaks of lists alone. Lists that they may have been put into, by a call whose answer was lost, are in doubt. Calls
-- that began after began_at go on.
with dropped as materialized (
    select o.operation_id, o.subject, o.verb, o.list_id, o.status, case x.reason when 'cleaned' then 'cleaned' else 'opted_out' end as reason
    from crm_sync.operation o
    join crm_sync.opt_out x on x.provider = o.provider and x.lifted_at is null and x.subject in (o.subject, o.from_subject)
        and (x.contact_ids is null or o.contact_id = any (x.contact_ids))
    where o.run_id = %(run_id)s and o.status in ('pending', 'sent') and o.subject is not null
      and (o.status = 'pending' or o.sent_at < %(began_at)s::timestamptz or %(began_at)s::timestamptz is null)
      and (o.verb <> 'remove_from_list' or o.rides_on is not null)
), in_doubt as (
    update crm_sync.holding h
    set unanswered_lists = array(select distinct unnest(h.unanswered_lists || d.lists) order by 1)
    from (select subject, array_agg(list_id) as lists from dropped where status = 'sent' and verb = 'add_to_list' group by subject) d
    where h.provider = %(provider)s and h.subject = d.subject
)
update crm_sync.operation o set status = 'refused', reason = dropped.reason, settled_at = now()
from dropped where o.operation_id = dropped.operation_id
returning o.operation_id
