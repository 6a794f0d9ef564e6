-- Of each person and list the last answer counts: a run that was planned anew may have taken out whom it had put in.
with last as (
    select distinct on (subject, list_id) subject, list_id, verb
    from crm_sync.unfolded
    where run_id = %(run_id)s and status = 'applied' and verb in ('add_to_list', 'remove_from_list')
    order by subject, list_id, operation_id desc
), changed as (
    select subject,
           array_agg(list_id order by list_id) filter (where verb = 'add_to_list') as added,
           array_agg(list_id) filter (where verb = 'remove_from_list') as removed
    from last
    group by subject
)
update crm_sync.holding h
set lists = case
        when h.lists = '{}' and c.removed is null then c.added
        else (select coalesce(array_agg(l order by l), '{}')
              from (select unnest(h.lists) as l union select unnest(c.added)) kept
              where l <> all (coalesce(c.removed, '{}'))) end,
    unanswered_lists = case when h.unanswered_lists = '{}' then '{}'
        else array(select l from unnest(h.unanswered_lists) as l where l <> all (coalesce(c.added, '{}') || coalesce(c.removed, '{}'))) end,
    reason = case when h.state = 'active' or h.reason = 'deferred' or h.tries > 0 then null else h.reason end,
    retry_at = null, tries = 0, run_id = %(run_id)s
from changed c
where h.provider = %(provider)s and h.subject = c.subject
  -- Whoever was written a moment ago, by fold_subscribers, has it all.
  and (not h.lists @> coalesce(c.added, '{}') or h.lists && c.removed or h.run_id is distinct from %(run_id)s
       or h.unanswered_lists <> '{}' or h.reason is not null or h.retry_at is not null)
