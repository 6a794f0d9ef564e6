-- This state database, by a name that it makes up once: markers in a CRM that several serve are told apart by it.
with made as (insert into crm_sync.installation default values on conflict (only_row) do nothing returning state_id)
select state_id::text from made union all select state_id::text from crm_sync.installation limit 1
