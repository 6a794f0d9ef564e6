-- What a run has set aside, and recorded, stands before it is gone through once more: under the run's negative number, until somebody looks again.
insert into crm_sync.set_aside (run_id, provider, contact_id, reason, set_aside_at, holds_back)
select -s.run_id, s.provider, s.contact_id, s.reason, s.set_aside_at, s.holds_back
from crm_sync.set_aside s
join crm_sync.run r using (run_id)
where r.run_id = %(run_id)s and r.state in ('recorded', 'held') and s.resolved_at is null
on conflict (run_id, contact_id, reason) do update
    set set_aside_at = excluded.set_aside_at, resolved_at = null, holds_back = excluded.holds_back
