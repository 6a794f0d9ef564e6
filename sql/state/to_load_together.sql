-- What one phase still has to send where a call may take several operations of one person: a membership that rides on another verb's call
-- is in the batch of its subscriber, and people of one bundle share calls. Sizes count people. Else as to_load.sql.
with doubtful as materialized (
    select h.subject, h.tries from crm_sync.holding h join crm_sync.run r on r.run_id = %(run_id)s and r.provider = h.provider
    where h.tries > 0
), waiting as materialized (
    select distinct subject from crm_sync.operation
    where run_id = %(run_id)s and status in ('pending', 'sent') and verb in ('suppress', 'change_address', 'create', 'update', 'enable')
      and subject is not null
), unsent as (
    select operation_id, provider, verb, subject, address, from_subject, list_id, list_name, remote_id, rides_on,
           d.subject as alone, coalesce(d.tries, 0) as tries,
           coalesce(rides_on, verb) as part,
           coalesce(bundle, case when rides_on is null and verb in ('add_to_list', 'remove_from_list') then list_id::text end, '') as bundle
    from crm_sync.operation o left join doubtful d using (subject)
    where run_id = %(run_id)s and verb = any (%(verbs)s::text[] || %(carried)s::text[]) and coalesce(rides_on, verb) = any (%(verbs)s::text[])
      and status in ('pending', 'sent') and ticket is null
), with_first as (
    select *, min(operation_id) over (partition by part, bundle, coalesce(subject, operation_id::text)) as first_id from unsent
), placed as (
    select *, case when part in ('add_to_list', 'remove_from_list') then 'membership' else part end as kind,
           (dense_rank() over (partition by part, bundle, alone order by first_id) - 1) / %(batch_size)s as place
    from with_first
)
select o.operation_id, o.verb,
       -- Whoever is known by address is told by the one there, which they may have chosen themselves.
       case when position('@' in o.subject) > 0 then coalesce(nullif(lower(btrim(o.address)), ''), o.subject) else o.subject end as subject, o.address,
       case when position('@' in o.from_subject) > 0 then coalesce(lower(btrim(f.address)), o.from_subject) else o.from_subject end as from_subject,
       o.list_id, o.list_name,
       coalesce(o.remote_id, h.remote_id, f.remote_id, made.remote_id) as remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, h.fields)::text as fields,
       array(select k.remote_id from crm_sync.list_holding k where k.provider = o.provider and k.list_id = any (h.lists))::text as remote_lists,
       o.tries, dense_rank() over (order by o.kind, o.bundle, o.alone nulls first, o.place) as batch
from placed o
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
-- Whoever was made by this run is not in the ledger yet.
left join lateral (
    select m.remote_id from crm_sync.operation m
    where m.provider = o.provider and m.subject = o.subject and m.run_id = %(run_id)s
      and m.verb in ('create', 'update', 'enable') and m.status = 'applied' and m.remote_id is not null
    order by m.operation_id desc limit 1
) made on h.remote_id is null
where (not %(waits_for_subscriber)s or o.rides_on is not null or o.subject not in (select subject from waiting))
-- Who joins a list, or leaves it by a call of its own, waits until that list is there.
  and (o.verb not in ('add_to_list', 'remove_from_list') or l.remote_id is not null or (o.verb = 'remove_from_list' and o.rides_on is not null))
order by o.kind, o.bundle, o.alone nulls first, o.place, o.operation_id
