-- What one phase still has to send of verbs that stand for themselves, in batches: consecutive rows with one batch number are one call,
-- which takes batch_size of each verb. Whose own calls failed before has a call alone, after the others.
with doubtful as materialized (
    select h.subject, h.tries from crm_sync.holding h where h.provider = %(provider)s and h.tries > 0
), called as materialized (
    -- Answered, or worked on there.
    select unnest(operation_ids) as operation_id from crm_sync.call
    where run_id = %(run_id)s and (answered_at is not null or ticket is not null) and lists is null
), waiting as materialized (
    select subject from crm_sync.yet_to_come(%(run_id)s) as subject where %(waits_for_subscriber)s
), unsent as (
    select p.*, d.subject as alone, coalesce(d.tries, 0) as tries
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    left join doubtful d on d.subject = p.subject
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.verb = any (%(verbs)s::text[]) and p.reason is null
      and p.operation_id not in (select operation_id from called)
      and not exists (select from crm_sync.outcome s where s.run_id = %(run_id)s and s.operation_id = p.operation_id and s.lists is null)
), placed as (
    select *, (row_number() over (partition by verb, alone order by operation_id) - 1) / %(batch_size)s as place from unsent
)
select o.operation_id, o.verb,
       -- Whoever is known by address is told by the one there, which they may have chosen themselves.
       case when position('@' in o.subject) > 0 then coalesce(nullif(lower(btrim(o.address)), ''), o.subject) else o.subject end as subject, o.address,
       case when position('@' in o.from_subject) > 0 then coalesce(lower(btrim(f.address)), o.from_subject) else o.from_subject end as from_subject,
       o.list_id, o.list_name, coalesce(h.remote_id, f.remote_id) as remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, h.fields)::text as fields, o.tries, dense_rank() over (order by o.verb, o.alone nulls first, o.place) as batch
from placed o
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = o.subject
left join crm_sync.holding h on h.provider = %(provider)s and h.subject = o.subject
left join crm_sync.holding f on f.provider = %(provider)s and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = %(provider)s and l.list_id = o.list_id
where not %(waits_for_subscriber)s or o.subject not in (select subject from waiting)
order by o.verb, o.alone nulls first, o.place, o.operation_id
