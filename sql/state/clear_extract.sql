with contacts as (delete from crm_sync.scope_contact where run_id = %(run_id)s),
     subjects as (delete from crm_sync.scope_subject where run_id = %(run_id)s),
     lists as (delete from crm_sync.extracted_list where run_id = %(run_id)s)
delete from crm_sync.extracted where run_id = %(run_id)s
