-- What a run leaves over, said at its end: whatever has neither an outcome of its own nor a call that was answered. Nearly always nothing,
-- which is found person by person; to be sure of it, the numbers that calls have brought are not believed here.
with run as materialized (
    select folded_to from crm_sync.run where run_id = %(run_id)s
), answered as materialized (
    select unnest(c.operation_ids) as operation_id, c.lists
    from run join crm_sync.call c on c.run_id = %(run_id)s and c.answered_at is not null and c.last_id > run.folded_to
), by_verb as (
    select distinct operation_id from answered where lists is null
), by_list as (
    select a.operation_id, array_agg(l) as lists from answered a cross join lateral unnest(a.lists) as l group by a.operation_id
), apart as (
    select o.operation_id, bool_or(o.lists is null) as verb_is_apart, array_agg(l) filter (where l is not null) as lists
    from run join crm_sync.outcome o on o.run_id = %(run_id)s and o.operation_id > run.folded_to
    left join lateral unnest(o.lists) as l on true
    group by o.operation_id
), unsettled as materialized (
    select p.operation_id
    from run
    join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to
    left join by_verb v using (operation_id)
    left join by_list m using (operation_id)
    left join apart a using (operation_id)
    where (p.verb is not null and p.reason is null and v.operation_id is null and a.verb_is_apart is not true)
       or not (p.joins || p.leaves) <@ (case when v.operation_id is null then '{}' else p.carried end || coalesce(m.lists, '{}') || coalesce(a.lists, '{}'))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, o.operation_id, o.verb, case when o.verb in ('add_to_list', 'remove_from_list') then array_agg(o.list_id) end,
       'deferred', coalesce(min(o.reason), %(reason)s), max(o.sent_at)
from unsettled u
join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = u.operation_id
where o.is_unfolded and o.status in ('pending', 'sent')
group by o.operation_id, o.verb, o.sent_at is null
