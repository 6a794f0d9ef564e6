select verb, list_id, coalesce(settled, 'pending') as status, reason, cause, count(*) as operations
from crm_sync.part where run_id = %(run_id)s group by verb, list_id, settled, reason, cause order by verb, list_id, settled, reason
