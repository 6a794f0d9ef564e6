-- What is measured of a run that has ended: its counts, and how old, in seconds, the CRM's snapshot is that the provider is in step with:
-- the one of the last run that had nothing to do, or left nothing over that its load should have sent. Null before the first.
select s.state, s.applied, s.refused, s.deferred, s.set_aside, extract(epoch from now() - (
    select max(r.extracted_at) from crm_sync.run r
    where r.provider = s.provider and r.mode <> 'backfill' and (r.state = 'idle' or r.state = 'recorded' and r.left_over = 0)
))::float8 as lag
from crm_sync.run_summary s
where s.run_id = %(run_id)s and s.finished_at is not null
