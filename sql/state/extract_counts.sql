select count(*) as contacts, count(subject) as with_address from crm_sync.extracted where run_id = %(run_id)s
