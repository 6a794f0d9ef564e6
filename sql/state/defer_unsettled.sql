-- What a run leaves over, said at its end; nearly always there is nothing, as its numbers tell without a look at each operation.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select run_id, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'deferred', coalesce(min(reason), %(reason)s), max(sent_at)
from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and status in ('pending', 'sent')
group by run_id, operation_id, verb
