-- What a run leaves over, said at its end: whatever has neither an outcome of its own nor a call that was answered. Nearly always nothing,
-- which is found person by person; to be sure of it, the numbers that calls have brought are not believed here.
with run as materialized (
    select folded_to from crm_sync.run where run_id = %(run_id)s
), answered as materialized (
    select unnest(c.operation_ids) as operation_id, c.lists
    from run join crm_sync.call c on c.run_id = %(run_id)s and c.answered_at is not null and c.last_id > run.folded_to
), by_list as (
    select a.operation_id, l as list_id from answered a cross join lateral unnest(a.lists) as l
), unsettled as materialized (
    -- Not "not exists" where so many are compared with so many: they are hashed, whatever the planner knows of them.
    select p.operation_id
    from run join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to
    where p.verb is not null and p.reason is null and p.operation_id not in (select operation_id from answered where lists is null)
      and not exists (select from crm_sync.outcome o where o.run_id = p.run_id and o.operation_id = p.operation_id and o.lists is null)
    union
    select p.operation_id
    from run join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to
    cross join lateral unnest(p.joins || p.leaves) as l
    where not (l = any (p.carried) and p.operation_id in (select operation_id from answered where lists is null))
      and (p.operation_id, l) not in (select operation_id, list_id from by_list)
      and not exists (select from crm_sync.outcome o where o.run_id = p.run_id and o.operation_id = p.operation_id and l = any (o.lists))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, o.operation_id, o.verb, case when o.verb in ('add_to_list', 'remove_from_list') then array_agg(o.list_id) end,
       'deferred', coalesce(min(o.reason), %(reason)s), max(o.sent_at)
from unsettled u
join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = u.operation_id
where o.is_unfolded and o.status in ('pending', 'sent')
group by o.operation_id, o.verb, o.sent_at is null
