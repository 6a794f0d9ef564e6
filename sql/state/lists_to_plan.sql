select e.list_id as wanted_id, e.name as wanted_name, h.list_id as held_id, h.name as held_name, h.remote_id, h.crm_name, h.reason,
       coalesce(h.retry_at <= %(now)s, true) as may_retry
from (select * from crm_sync.extracted_list where run_id = %(run_id)s) e
full join (select * from crm_sync.list_holding where provider = %(provider)s) h using (list_id)
