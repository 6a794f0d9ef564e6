insert into crm_sync.scope_contact (run_id, contact_id)
select distinct %(run_id)s, unnest(%(contact_ids)s::bigint[])
on conflict do nothing
