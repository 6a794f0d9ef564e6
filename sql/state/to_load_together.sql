-- What one phase still has to send where a call may take several operations of one person: a membership that rides on another verb's call
-- is in the batch of its subscriber, and people of one bundle share calls. Sizes count people. Else as to_load.sql.
with doubtful as materialized (
    select h.subject, h.tries from crm_sync.holding h where h.provider = %(provider)s and h.tries > 0
), called as materialized (
    -- 0: its verb.
    select unnest(operation_ids) as operation_id, coalesce(list_id, 0) as list_id from crm_sync.call left join lateral unnest(lists) as list_id on true
    where run_id = %(run_id)s and (answered_at is not null or ticket is not null)
), waiting as materialized (
    select subject from crm_sync.yet_to_come(%(run_id)s) as subject where %(waits_for_subscriber)s
), made as materialized (
    -- Whoever was made by this run is not in the ledger yet.
    select distinct on (subject) subject, remote_id
    from (
        select p.subject, t.remote_id, p.operation_id
        from crm_sync.call c cross join lateral unnest(c.operation_ids, c.remote_ids) as t (operation_id, remote_id)
        join crm_sync.planned_operation p on p.operation_id = t.operation_id
        where c.run_id = %(run_id)s and c.remote_ids is not null and t.remote_id <> '' and p.verb in ('create', 'update', 'enable')
        union all
        select p.subject, o.remote_id, p.operation_id
        from crm_sync.outcome o join crm_sync.planned_operation p using (run_id, operation_id)
        where o.run_id = %(run_id)s and o.status = 'applied' and o.remote_id is not null and o.verb in ('create', 'update', 'enable')
    ) each
    order by subject, operation_id desc
), unsent as (
    select p.operation_id, p.provider, p.verb, p.subject, p.address, p.from_subject, p.list_id, p.list_name, p.rides_on, p.is_own,
           d.subject as alone, coalesce(d.tries, 0) as tries,
           coalesce(p.rides_on, p.verb) as part,
           coalesce(p.bundle, case when p.own_call_of is not null then p.list_id::text end, '') as bundle
    from crm_sync.part p left join doubtful d using (subject)
    where p.run_id = %(run_id)s and p.is_unfolded and p.settled is null
      and coalesce(p.rides_on, p.verb) = any (%(verbs)s::text[])
      and (p.operation_id, coalesce(p.own_call_of, 0)) not in (select operation_id, list_id from called)
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
       coalesce(h.remote_id, f.remote_id, made.remote_id) as remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, h.fields)::text as fields,
       array(select k.remote_id from crm_sync.list_holding k where k.provider = o.provider and k.list_id = any (h.lists))::text as remote_lists,
       o.tries, dense_rank() over (order by o.kind, o.bundle, o.alone nulls first, o.place) as batch
from placed o
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
left join made on made.subject = o.subject and h.remote_id is null
where (not %(waits_for_subscriber)s or o.subject not in (select subject from waiting))
-- Who joins a list, or leaves it by a call of its own, waits until that list is there.
  and (o.verb not in ('add_to_list', 'remove_from_list') or l.remote_id is not null or (o.verb = 'remove_from_list' and o.rides_on is not null))
order by o.kind, o.bundle, o.alone nulls first, o.place, o.operation_id, not o.is_own, o.list_id
