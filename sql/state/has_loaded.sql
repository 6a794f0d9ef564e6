-- Whether the run has sent anything, or left it over, since it was opened for the last time.
select exists (select from crm_sync.call c where c.run_id = r.run_id and c.sent_at > r.opened_at)
    or exists (select from crm_sync.outcome o where o.run_id = r.run_id and coalesce(o.sent_at, o.settled_at) > r.opened_at)
from crm_sync.run r
where r.run_id = %(run_id)s
