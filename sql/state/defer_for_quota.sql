-- What can wait for the day's next calls. Tickets are not given up: their work goes on there.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select run_id, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'deferred', 'daily_quota', max(sent_at)
from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and status in ('pending', 'sent') and ticket is null
group by run_id, operation_id, verb, sent_at is null
