-- Operations that the run leaves to the next one. What a later plan of the same run took over, or what
-- waits for the day's next calls as the run has said, is not among them.
select count(*) from crm_sync.operation where run_id = %(run_id)s and status = 'deferred' and coalesce(reason, '') not in ('planned_anew', 'daily_quota')
