-- What one phase still has to send where every operation stands for itself, in batches: consecutive rows with one batch number are one
-- call, which takes batch_size of each verb. Whose own calls failed before has a call alone, after the others.
with doubtful as materialized (
    select h.subject, h.tries from crm_sync.holding h join crm_sync.run r on r.run_id = %(run_id)s and r.provider = h.provider
    where h.tries > 0
), waiting as materialized (
    select distinct subject from crm_sync.operation
    where run_id = %(run_id)s and status in ('pending', 'sent') and verb in ('suppress', 'change_address', 'create', 'update', 'enable')
      and subject is not null
), unsent as (
    select operation_id, provider, verb, subject, address, from_subject, list_id, list_name, remote_id,
           d.subject as alone, coalesce(d.tries, 0) as tries,
           case when verb in ('add_to_list', 'remove_from_list') then 'membership' else verb end as kind,
           case when verb in ('add_to_list', 'remove_from_list') then list_id end as of_list
    from crm_sync.operation o left join doubtful d using (subject)
    where run_id = %(run_id)s and verb = any (%(verbs)s::text[]) and status in ('pending', 'sent') and ticket is null
), placed as (
    select *, (row_number() over (partition by verb, of_list, alone order by operation_id) - 1) / %(batch_size)s as place from unsent
)
select o.operation_id, o.verb,
       -- Whoever is known by address is told by the one there, which they may have chosen themselves.
       case when position('@' in o.subject) > 0 then coalesce(nullif(lower(btrim(o.address)), ''), o.subject) else o.subject end as subject, o.address,
       case when position('@' in o.from_subject) > 0 then coalesce(lower(btrim(f.address)), o.from_subject) else o.from_subject end as from_subject,
       o.list_id, o.list_name,
       coalesce(o.remote_id, h.remote_id, f.remote_id) as remote_id, l.remote_id as remote_list_id, coalesce(d.fields, h.fields)::text as fields,
       '{}' as remote_lists, o.tries, dense_rank() over (order by o.kind, o.of_list, o.alone nulls first, o.place) as batch
from placed o
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
where (not %(waits_for_subscriber)s or o.subject not in (select subject from waiting))
-- Who joins or leaves a list waits until that list is there.
  and (o.of_list is null or l.remote_id is not null)
order by o.kind, o.of_list, o.alone nulls first, o.place, o.operation_id
