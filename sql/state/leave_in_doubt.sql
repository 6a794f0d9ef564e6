-- What was under way when a later run opened: the next one asks again about these people and lists.
insert into crm_sync.doubt (provider, subject, from_subject, verb, list_id, contact_id, address)
select provider, subject, nullif(from_subject, ''), verb, list_id, contact_id, address from crm_sync.operation where operation_id = any (%(operation_ids)s::bigint[])
