-- Who was left over, and was not answered for after all when the run was planned anew, is read again by the next run.
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, state, reason, retry_at, run_id)
select distinct on (o.subject) o.provider, o.subject, d.contact_id, coalesce(d.contact_ids, '{}'), coalesce(d.address, o.address, o.subject), 'absent', 'deferred', case o.reason when 'daily_quota' then coalesce(r.calls_again_at, %(next_day)s::timestamptz) else now() end, %(run_id)s
from crm_sync.unfolded o
left join crm_sync.run r on r.run_id = o.run_id and r.calls_again_at > now()
left join crm_sync.desired d on d.run_id = o.run_id and d.subject = o.subject
where o.run_id = %(run_id)s and o.subject is not null and o.status = 'deferred'
  and not exists (
    select from crm_sync.unfolded later
    where later.run_id = o.run_id and later.subject = o.subject and later.operation_id > o.operation_id and later.status in ('applied', 'refused')
      and later.list_id is not distinct from o.list_id)
order by o.subject, o.operation_id desc
on conflict (provider, subject) do update set retry_at = excluded.retry_at, reason = coalesce(h.reason, 'deferred')
