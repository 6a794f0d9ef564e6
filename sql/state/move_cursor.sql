insert into crm_sync.cursor (provider, snapshot, crm_identity, marker, log_installed, run_id)
select provider, snapshot, crm_identity, marker, log_installed, run_id from crm_sync.run where run_id = %(run_id)s
on conflict (provider) do update
    set snapshot = excluded.snapshot, crm_identity = excluded.crm_identity, marker = excluded.marker, log_installed = excluded.log_installed,
        run_id = excluded.run_id
