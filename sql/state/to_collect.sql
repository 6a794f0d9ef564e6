-- What was sent and is still worked on at the provider, by ticket.
with under_way as materialized (
    select call_id, ticket, lists, unnest(operation_ids) as operation_id from crm_sync.call
    where run_id = %(run_id)s and ticket is not null and answered_at is null
)
select o.operation_id, o.verb,
       -- Whoever is known by address is told by the one there, which they may have chosen themselves.
       case when position('@' in o.subject) > 0 then coalesce(nullif(lower(btrim(o.address)), ''), o.subject) else o.subject end as subject, o.address,
       case when position('@' in o.from_subject) > 0 then coalesce(lower(btrim(f.address)), o.from_subject) else o.from_subject end as from_subject,
       o.list_id, o.list_name,
       h.remote_id, l.remote_id as remote_list_id, coalesce(d.fields, h.fields)::text as fields, u.ticket, u.call_id
from under_way u
join crm_sync.part o on o.run_id = %(run_id)s and o.operation_id = u.operation_id and o.is_unfolded and o.settled is null
    and (u.lists is null) = (o.own_call_of is null) and (u.lists is null or o.own_call_of = any (u.lists))
    and not exists (
        select from crm_sync.calls_about(%(run_id)s, o.operation_id, o.own_call_of) c where c.answered_at is not null)
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
order by u.ticket, o.operation_id, not o.is_own, o.list_id
