-- An opt-out that only the push brought to light.
insert into crm_sync.opt_out as o (provider, subject, reason, run_id, crm_written_at)
select distinct provider, subject, case reason when 'cleaned' then 'cleaned' else 'unsubscribed' end, run_id, case reason when 'cleaned' then now() end
from crm_sync.unfolded
where run_id = %(run_id)s and status = 'refused' and reason in ('opted_out', 'cleaned') and subject is not null
on conflict (provider, subject) do update set lifted_at = null, seen_at = now() where o.lifted_at is not null
