-- A list that was just made or renamed is known at once, since the phases that follow need its remote id.
insert into crm_sync.list_holding as h (provider, list_id, remote_id, name, crm_name, run_id)
select p.provider, p.list_id, o.remote_id, p.list_name, e.name, p.run_id
from crm_sync.planned_operation p
join crm_sync.outcome o using (run_id, operation_id)
join crm_sync.extracted_list e on e.run_id = p.run_id and e.list_id = p.list_id
where p.operation_id = any (%(operation_ids)s::bigint[]) and o.status = 'applied' and p.verb in ('create_list', 'rename_list')
order by p.operation_id
on conflict (provider, list_id) do update
    set remote_id = coalesce(excluded.remote_id, h.remote_id), name = excluded.name, crm_name = excluded.crm_name,
        reason = null, retry_at = null, tries = 0, run_id = excluded.run_id
