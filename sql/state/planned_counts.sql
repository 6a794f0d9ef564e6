select verb, list_id, status, reason, cause, count(*) as operations
from crm_sync.operation where run_id = %(run_id)s group by verb, list_id, status, reason, cause order by verb, list_id, status, reason
