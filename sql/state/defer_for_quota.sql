-- What can wait for the day's next calls. Tickets are not given up: their work goes on there.
update crm_sync.operation set status = 'deferred', reason = 'daily_quota', settled_at = now()
where run_id = %(run_id)s and status in ('pending', 'sent') and ticket is null
