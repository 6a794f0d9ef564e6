-- When a run ended well for the last time: with nothing to do, or with nothing left over that its load should have sent.
select max(r.finished_at) as at, max(r.finished_at) > now() - make_interval(secs => %(seconds)s) as is_recent
from crm_sync.run r
where r.provider = %(provider)s and (r.state = 'idle' or r.state = 'recorded' and not exists (
    select from crm_sync.run_tally t where t.run_id = r.run_id and t.status = 'deferred' and t.reason = %(left_over)s
))
