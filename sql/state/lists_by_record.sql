-- Where a list is made by the records that name it, it is held as soon as the CRM has it, and under its own number.
with gone as (
    delete from crm_sync.list_holding h
    where h.provider = %(provider)s and not exists (select from crm_sync.extracted_list e where e.run_id = %(run_id)s and e.list_id = h.list_id)
)
insert into crm_sync.list_holding (provider, list_id, remote_id, name, crm_name, run_id)
select %(provider)s, list_id, list_id::text, name, name, %(run_id)s from crm_sync.extracted_list where run_id = %(run_id)s
on conflict (provider, list_id) do update set name = excluded.name, crm_name = excluded.crm_name, run_id = excluded.run_id
