-- Work that goes on at the provider for longer than anybody waits: what became of it the next plan, or a full run, finds out.
-- A rest until the provider's next day of calls is no waiting: the hours begin anew after it.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select run_id, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'deferred', 'still_under_way', max(sent_at)
from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and ticket is not null and status = 'sent'
  and greatest(sent_at, (select r.calls_again_at from crm_sync.run r where r.run_id = %(run_id)s)) < %(before)s
group by run_id, operation_id, verb
