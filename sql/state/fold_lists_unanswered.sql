-- A list whose renaming was not answered has the old name or the new one there: none is known, so that it is renamed again.
update crm_sync.list_holding h
set name = null, retry_at = case when h.tries > 0 then h.retry_at else now() end
from (
    select distinct on (o.list_id) o.provider, o.list_id, o.status, o.sent_at
    from crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
    where p.run_id = %(run_id)s and p.list_id is not null and o.verb in ('rename_list', 'delete_list') and (o.status <> 'deferred' or o.sent_at is not null)
    order by o.list_id, o.operation_id desc
) o
where o.status = 'deferred' and h.provider = o.provider and h.list_id = o.list_id and h.remote_id is not null
