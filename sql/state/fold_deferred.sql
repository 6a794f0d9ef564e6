-- Who was left over, and was not answered for after all when the run was planned anew, is read again by the next run. Whose own call
-- fails is a row with its reason, and has pauses from ten minutes to a day, doubled each time.
with left_over as (
    select distinct on (o.subject) o.provider, o.subject, o.address, o.reason, o.isolated
    from crm_sync.not_applied o
    where o.run_id = %(run_id)s and o.subject is not null and o.status = 'deferred'
      and not exists (
        select from crm_sync.unfolded later
        where later.run_id = o.run_id and later.subject = o.subject and later.operation_id > o.operation_id and later.status in ('applied', 'refused')
          and later.list_id is not distinct from o.list_id)
    order by o.subject, o.isolated desc, o.operation_id desc
)
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, state, reason, refused_at, retry_at, tries, run_id)
select o.provider, o.subject, d.contact_id, coalesce(d.contact_ids, '{}'), coalesce(d.address, o.address, o.subject), 'absent',
       case when o.isolated then o.reason else 'deferred' end, case when o.isolated then now() end,
       case when o.isolated then now() + interval '10 minutes'
            when o.reason = 'daily_quota' then coalesce(r.calls_again_at, %(next_day)s::timestamptz) else now() end,
       o.isolated::integer, %(run_id)s
from left_over o
left join crm_sync.run r on r.run_id = %(run_id)s and r.calls_again_at > now()
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = o.subject
on conflict (provider, subject) do update
    set tries = h.tries + excluded.tries,
        retry_at = case when excluded.tries > 0 then now() + least(interval '1 day', interval '10 minutes' * power(2, least(h.tries, 8)))
                        else excluded.retry_at end,
        reason = case when excluded.tries > 0 then excluded.reason else coalesce(h.reason, 'deferred') end,
        refused_at = case when excluded.tries > 0 and h.tries = 0 then now() else h.refused_at end
