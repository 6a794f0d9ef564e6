-- Work that goes on at the provider for longer than anybody waits: what became of it the next plan, or a full run, finds out.
-- A rest until the provider's next day of calls is no waiting: the hours begin anew after it.
update crm_sync.operation set status = 'deferred', reason = 'still_under_way', settled_at = now()
where run_id = %(run_id)s and ticket is not null and status = 'sent'
  and greatest(sent_at, (select r.calls_again_at from crm_sync.run r where r.run_id = %(run_id)s)) < %(before)s
