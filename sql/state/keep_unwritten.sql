-- Memberships on which the CRM does not take an opt-out, and why; not for an opt-out that was lifted meanwhile.
insert into crm_sync.unwritten_opt_out as u (provider, subject, contact_id, list_id, reason)
select %(provider)s, r.subject, r.contact_id, r.list_id, r.reason
from unnest(%(subjects)s::text[], %(contact_ids)s::bigint[], %(list_ids)s::bigint[], %(reasons)s::text[])
    as r (subject, contact_id, list_id, reason)
join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = r.subject and o.lifted_at is null
on conflict (provider, subject, contact_id, list_id) do update set reason = excluded.reason, tried_at = now()
