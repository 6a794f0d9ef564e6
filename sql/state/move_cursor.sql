insert into crm_sync.cursor (provider, snapshot, crm_identity, run_id)
values (%(provider)s, %(snapshot)s, %(crm_identity)s, %(run_id)s)
on conflict (provider) do update set snapshot = excluded.snapshot, crm_identity = excluded.crm_identity, run_id = excluded.run_id
