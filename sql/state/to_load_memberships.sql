-- What is still to send of memberships that have calls of their own, a row for each call: of one list those who join and those who
-- leave, so many of each. Who joins or leaves waits until list and subscriber are there. Whose own calls failed before has a call alone,
-- after the others. People as JSON arrays, in one order.
with doubtful as materialized (
    select h.subject, h.tries from crm_sync.holding h where h.provider = %(provider)s and h.tries > 0
), called as materialized (
    -- Answered, or worked on there.
    select unnest(operation_ids) as operation_id, list_id from crm_sync.call cross join lateral unnest(lists) as list_id
    where run_id = %(run_id)s and (answered_at is not null or ticket is not null) and lists is not null
), waiting as materialized (
    select subject from crm_sync.yet_to_come(%(run_id)s) as subject where %(waits_for_subscriber)s
), people as materialized (
    select p.operation_id, p.joins, p.leaves, p.carried, coalesce(p.address, '') as address,
           case when position('@' in p.subject) > 0 then coalesce(nullif(lower(btrim(p.address)), ''), p.subject) else p.subject end as subject,
           coalesce(h.remote_id, '') as remote_id, d.subject as alone, coalesce(d.tries, 0) as tries
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    left join crm_sync.holding h on h.provider = %(provider)s and h.subject = p.subject
    left join doubtful d on d.subject = p.subject
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.subject not in (select subject from waiting)
), unsent as (
    select p.operation_id, p.address, p.subject, p.remote_id, p.alone, p.tries, m.joins, m.list_id
    from people p
    cross join lateral (
        select true as joins, unnest(p.joins) as list_id
        union all
        select false, unnest(p.leaves)
    ) m
    where m.list_id <> all (p.carried)
      and (p.operation_id, m.list_id) not in (select operation_id, list_id from called)
      and not exists (
        select from crm_sync.outcome s
        where s.run_id = %(run_id)s and s.operation_id = p.operation_id and m.list_id = any (s.lists))
), placed as (
    select *, (row_number() over (partition by list_id, joins, alone order by operation_id) - 1) / %(batch_size)s as place from unsent
)
select o.list_id, l.remote_id as remote_list_id,
       array_to_json(array_agg(o.operation_id)) as operation_ids, array_to_json(array_agg(o.joins)) as joins,
       array_to_json(array_agg(o.subject)) as subjects, array_to_json(array_agg(o.address)) as addresses,
       array_to_json(array_agg(o.remote_id)) as remote_ids, max(o.tries) as tries
from placed o
join crm_sync.list_holding l on l.provider = %(provider)s and l.list_id = o.list_id and l.remote_id is not null
group by o.list_id, l.remote_id, o.alone, o.place
order by o.list_id, o.alone nulls first, o.place
