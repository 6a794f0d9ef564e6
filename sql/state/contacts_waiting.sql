-- Who was refused for what another person has, and may have it once that one changes.
select distinct unnest(contact_ids) as contact_id from crm_sync.holding
where provider = %(provider)s and reason = any (%(reasons)s::text[])
