insert into crm_sync.scope_subject (run_id, subject)
select distinct run_id, subject from crm_sync.extracted where run_id = %(run_id)s and subject is not null
on conflict do nothing
