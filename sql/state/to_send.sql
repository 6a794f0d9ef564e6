-- How many operations of each verb a run planned, those that ride on its call with them; of memberships, those with calls of their own.
select each.verb, sum(each.things)::bigint as operations
from crm_sync.planned_operation p
join crm_sync.run r on r.run_id = %(run_id)s
cross join lateral (
    select p.verb, 1 + cardinality(p.carried) as things where p.verb is not null and p.reason is null
    union all
    select 'add_to_list', cardinality(p.joins) + cardinality(p.leaves) - cardinality(p.carried) where p.joins <> p.carried or p.leaves <> '{}'
) each
where p.run_id = %(run_id)s and p.operation_id > r.folded_to
group by each.verb
having sum(each.things) > 0
