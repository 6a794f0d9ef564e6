select list_id, name from crm_sync.extracted_list where run_id = %(run_id)s order by list_id
