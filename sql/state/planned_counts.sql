-- How many operations of each verb a run has, by what the ledger has settled of them; the others are pending. By arithmetic, since a
-- large plan is not to be spread out for it: what was planned, less what has an outcome of its own.
with planned as (
    select each.verb, p.operation_id <= r.folded_to as is_folded, sum(each.things)::bigint as things
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    cross join lateral (
        select p.verb, 1 as things where p.verb is not null and p.reason is null
        union all
        select 'add_to_list', cardinality(p.joins) where p.joins <> '{}'
        union all
        select 'remove_from_list', cardinality(p.leaves) where p.leaves <> '{}'
    ) each
    where p.run_id = %(run_id)s
    group by each.verb, p.operation_id <= r.folded_to
), apart as (
    select o.verb, o.operation_id <= r.folded_to as is_folded, o.status, sum(coalesce(cardinality(o.lists), 1))::bigint as things
    from crm_sync.outcome o join crm_sync.run r on r.run_id = %(run_id)s
    where o.run_id = %(run_id)s
    group by o.verb, o.operation_id <= r.folded_to, o.status
), counted as (
    select verb, case when is_folded then 'applied' else 'pending' end as status,
           things - coalesce((select sum(a.things) from apart a where a.verb = p.verb and a.is_folded = p.is_folded), 0) as things
    from planned p
    union all
    select verb, status, things from apart
    union all
    select verb, 'refused', count(*) from crm_sync.planned_operation where run_id = %(run_id)s and reason is not null group by verb
)
select verb, status, sum(things)::bigint as operations from counted group by verb, status having sum(things) > 0 order by verb, status
