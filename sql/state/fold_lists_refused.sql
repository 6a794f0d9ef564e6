insert into crm_sync.list_holding as h (provider, list_id, crm_name, reason, retry_at, run_id)
select distinct on (o.list_id) o.provider, o.list_id, e.name, o.reason, %(retry_at)s, o.run_id
from crm_sync.unfolded o
left join crm_sync.extracted_list e on e.run_id = o.run_id and e.list_id = o.list_id
where o.run_id = %(run_id)s and o.status = 'refused' and o.verb in ('create_list', 'rename_list', 'delete_list')
order by o.list_id, o.operation_id desc
on conflict (provider, list_id) do update
    set crm_name = excluded.crm_name, reason = excluded.reason, retry_at = excluded.retry_at, run_id = excluded.run_id
