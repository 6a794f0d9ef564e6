-- What a run under way has done so far. Stops counting at a bound: the page of a large run is not to slow it.
with few as materialized (
    select operation_id, verb, provider, list_id, list_name, cause, settled, reason, own_call_of
    from crm_sync.part where run_id = %(run_id)s limit %(most)s
), called as materialized (
    select unnest(operation_ids) as operation_id, lists, answered_at is not null as is_answered
    from crm_sync.call where run_id = %(run_id)s and first_id <= (select max(operation_id) from few)
)
select verb, list_id, list_name, cause, status, reason, count(*) as operations, min(operation_id) as first_id, max(operation_id) as last_id
from (
    select o.operation_id, o.verb, o.list_id, coalesce(o.list_name, l.crm_name, l.name) as list_name, nullif(o.cause, '') as cause, o.reason,
           coalesce(o.settled, case c.is_answered when true then 'applied' when false then 'sent' else 'pending' end) as status
    from few o
    left join crm_sync.list_holding l using (provider, list_id)
    left join lateral (
        select bool_or(is_answered) as is_answered from called
        where o.settled is null and called.operation_id = o.operation_id
          and (called.lists is null) = (o.own_call_of is null) and (called.lists is null or o.own_call_of = any (called.lists))
    ) c on true
) each
group by verb, list_id, list_name, cause, status, reason
order by verb, list_name, cause, status, reason
