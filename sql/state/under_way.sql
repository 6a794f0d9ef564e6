select count(*) from crm_sync.operation where run_id = %(run_id)s and ticket is not null and status = 'sent'
