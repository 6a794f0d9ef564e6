-- What was under way when a later run opened: the next one asks again about these people and lists.
insert into crm_sync.doubt (provider, subject, from_subject, verb, list_id, contact_id, address)
select p.provider, p.subject, case when d.list_id = 0 then p.from_subject end, d.verb, coalesce(nullif(d.list_id, 0), p.list_id), p.contact_id, p.address
from unnest(%(operation_ids)s::bigint[], %(verbs)s::text[], %(list_ids)s::bigint[]) as d (operation_id, verb, list_id)
join crm_sync.planned_operation p using (operation_id)
