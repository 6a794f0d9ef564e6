select verb, count(*) as operations from crm_sync.operation where run_id = %(run_id)s and status in ('pending', 'sent') group by verb
