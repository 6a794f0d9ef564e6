-- What a run planned and what became of it, as in crm_sync.run_summary: asked for one run, so that the planner knows which.
with planned as (
    select coalesce(sum((verb is not null)::integer + cardinality(joins) + cardinality(leaves)), 0)::bigint as planned, count(reason) as refused
    from crm_sync.planned_operation where run_id = %(run_id)s
), called as (
    select coalesce(sum(applied), 0)::bigint as applied from crm_sync.call where run_id = %(run_id)s
), apart as (
    select coalesce(sum(things) filter (where status = 'applied'), 0)::bigint as applied,
           coalesce(sum(things) filter (where status = 'refused'), 0)::bigint as refused,
           coalesce(sum(things) filter (where status = 'deferred'), 0)::bigint as deferred,
           coalesce(sum(things) filter (where status = 'held'), 0)::bigint as held
    from (select status, coalesce(cardinality(lists), 1) as things from crm_sync.outcome where run_id = %(run_id)s) each
)
select p.planned, c.applied + a.applied as applied, p.refused + a.refused as refused, a.deferred, a.held,
       p.planned - p.refused - c.applied - a.applied - a.refused - a.deferred - a.held as unsettled,
       (select count(*) from crm_sync.set_aside where run_id = %(run_id)s) as set_aside
from planned p, called c, apart a
