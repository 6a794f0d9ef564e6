-- A list whose renaming was not answered has the old name or the new one there: none is known, so that it is renamed again.
update crm_sync.list_holding h
set name = null, retry_at = case when h.tries > 0 then h.retry_at else now() end
from (
    select distinct on (provider, list_id) provider, list_id, status, sent_at from crm_sync.unfolded
    where run_id = %(run_id)s and verb in ('rename_list', 'delete_list') and (status <> 'deferred' or sent_at is not null)
    order by provider, list_id, operation_id desc
) o
where o.status = 'deferred' and h.provider = o.provider and h.list_id = o.list_id and h.remote_id is not null
