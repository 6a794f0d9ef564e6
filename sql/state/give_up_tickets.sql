-- Work that goes on at the provider for longer than anybody waits: what became of it the next plan, or a full run, finds out.
update crm_sync.operation set status = 'deferred', reason = 'still_under_way', settled_at = now()
where run_id = %(run_id)s and ticket is not null and status = 'sent' and sent_at < %(before)s
