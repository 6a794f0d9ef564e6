-- Memberships on which the CRM refused Do Not Contact, those longest ago first.
select subject, contact_id, list_id from crm_sync.unwritten_opt_out
where provider = %(provider)s
order by tried_at, subject, contact_id, list_id
