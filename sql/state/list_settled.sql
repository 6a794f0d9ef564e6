-- A list that was just made or renamed is known at once, since the phases that follow need its remote id.
insert into crm_sync.list_holding as h (provider, list_id, remote_id, name, crm_name, run_id)
select o.provider, o.list_id, o.remote_id, o.list_name, e.name, o.run_id
from crm_sync.operation o
join crm_sync.extracted_list e on e.run_id = o.run_id and e.list_id = o.list_id
where o.operation_id = any (%(operation_ids)s::bigint[]) and o.status = 'applied' and o.verb in ('create_list', 'rename_list')
order by o.operation_id
on conflict (provider, list_id) do update
    set remote_id = coalesce(excluded.remote_id, h.remote_id), name = excluded.name, crm_name = excluded.crm_name,
        reason = null, retry_at = null, tries = 0, run_id = excluded.run_id
