select subject, case status when 'cleaned' then 'cleaned' else 'unsubscribed' end as reason, coalesce(remote_id, '') as remote_id
from crm_sync.observed where run_id = %(run_id)s and status in ('unsubscribed', 'cleaned')
