-- A plan that nobody is asked about is not kept: the one of the question is there to be looked at.
with held as materialized (
    select o.operation_id, bool_or(o.lists is null) as is_own, coalesce(array_agg(l) filter (where l is not null), '{}') as lists
    from crm_sync.outcome o left join lateral unnest(o.lists) as l on true
    where o.run_id = %(run_id)s and o.status = 'held' and not exists (select from crm_sync.question q where q.run_id = o.run_id)
    group by o.operation_id
), outcomes as (
    delete from crm_sync.outcome o using held h where o.run_id = %(run_id)s and o.operation_id = h.operation_id and o.status = 'held'
), emptied as (
    delete from crm_sync.planned_operation p using held h
    where p.operation_id = h.operation_id and (h.is_own or p.verb is null) and h.lists @> (p.joins || p.leaves)
)
update crm_sync.planned_operation p
set verb = case when not h.is_own then p.verb end,
    joins = array(select l from unnest(p.joins) as l where l <> all (h.lists)), leaves = array(select l from unnest(p.leaves) as l where l <> all (h.lists))
from held h
where p.operation_id = h.operation_id and not ((h.is_own or p.verb is null) and h.lists @> (p.joins || p.leaves))
