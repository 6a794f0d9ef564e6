insert into crm_sync.list_holding (provider, list_id, remote_id, name, crm_name, run_id)
values (%(provider)s, %(list_id)s, %(remote_id)s, %(name)s, %(crm_name)s, %(run_id)s)
on conflict (provider, list_id) do update
    set remote_id = excluded.remote_id, name = excluded.name, crm_name = excluded.crm_name, reason = null, retry_at = null, run_id = excluded.run_id
