-- A list that was refused, and one whose own call fails: tried again as people are.
insert into crm_sync.list_holding as h (provider, list_id, crm_name, reason, retry_at, tries, run_id)
select distinct on (o.list_id) o.provider, o.list_id, e.name, o.reason,
       case when o.isolated then now() + interval '10 minutes' else %(retry_at)s end, o.isolated::integer, o.run_id
from crm_sync.not_applied o
left join crm_sync.extracted_list e on e.run_id = o.run_id and e.list_id = o.list_id
where o.run_id = %(run_id)s and (o.status = 'refused' or o.isolated) and o.verb in ('create_list', 'rename_list', 'delete_list')
order by o.list_id, o.operation_id desc
on conflict (provider, list_id) do update
    set crm_name = excluded.crm_name, reason = excluded.reason, tries = case when excluded.tries > 0 then h.tries + 1 else 0 end,
        retry_at = case when excluded.tries > 0 then now() + least(interval '1 day', interval '10 minutes' * power(2, least(h.tries, 8)))
                        else excluded.retry_at end,
        run_id = excluded.run_id
