-- Whether the ledger, or the run that is under way, knows of anybody whom the provider took by this id.
with newest as (select max(run_id) as run_id from crm_sync.run where provider = %(provider)s)
select exists (select from crm_sync.holding where provider = %(provider)s and remote_id = %(remote_id)s)
    or exists (select from crm_sync.call join newest using (run_id) where answered_at is not null and %(remote_id)s = any (remote_ids))
    or exists (select from crm_sync.outcome join newest using (run_id) where status = 'applied' and remote_id = %(remote_id)s)
