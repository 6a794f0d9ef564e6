-- When a run ended well for the last time: with nothing to do, or with nothing left over that its load should have sent.
select max(finished_at) as at, max(finished_at) > now() - make_interval(secs => %(seconds)s) as is_recent
from crm_sync.run
where provider = %(provider)s and (state = 'idle' or state = 'recorded' and left_over = 0)
