-- What earlier runs handed from stage to stage is of no use once a later one is recorded.
with old as (select run_id from crm_sync.run where provider = %(provider)s and run_id < %(run_id)s),
     a as (delete from crm_sync.scope_contact where run_id in (select run_id from old)),
     b as (delete from crm_sync.scope_subject where run_id in (select run_id from old)),
     c as (delete from crm_sync.extracted_list where run_id in (select run_id from old)),
     d as (delete from crm_sync.extracted where run_id in (select run_id from old)),
     e as (delete from crm_sync.desired where run_id in (select run_id from old)),
     f as (delete from crm_sync.observed where run_id in (select run_id from old))
delete from crm_sync.observed_list where run_id in (select run_id from old)
