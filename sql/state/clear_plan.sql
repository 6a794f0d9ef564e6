-- What was never sent is planned anew; what was sent and not answered is history, left to the new plan.
with unsettled as materialized (
    select operation_id, verb, list_id, status, sent_at from crm_sync.operation
    where run_id = %(run_id)s and status in ('pending', 'sent', 'held')
), doubtful as (
    insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
    select %(run_id)s, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'deferred', 'planned_anew', max(sent_at)
    from unsettled where status = 'sent' group by operation_id, verb
), unsent as (
    select operation_id, bool_or(verb not in ('add_to_list', 'remove_from_list')) as is_own,
           coalesce(array_agg(list_id) filter (where verb in ('add_to_list', 'remove_from_list')), '{}') as lists
    from unsettled where status <> 'sent' group by operation_id
), not_held as (
    delete from crm_sync.outcome o using unsent u where o.run_id = %(run_id)s and o.operation_id = u.operation_id and o.status = 'held'
), emptied as (
    delete from crm_sync.planned_operation p using unsent u
    where p.operation_id = u.operation_id and (u.is_own or p.verb is null) and u.lists @> (p.joins || p.leaves)
    returning p.operation_id
)
update crm_sync.planned_operation p
set verb = case when not u.is_own then p.verb end,
    joins = array(select l from unnest(p.joins) as l where l <> all (u.lists)), leaves = array(select l from unnest(p.leaves) as l where l <> all (u.lists))
from unsent u
where p.operation_id = u.operation_id and not ((u.is_own or p.verb is null) and u.lists @> (p.joins || p.leaves))
