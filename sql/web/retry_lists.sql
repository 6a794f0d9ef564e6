-- Offer refused lists again.
update crm_sync.list_holding set retry_at = now() where provider = %(provider)s and reason = any (%(reasons)s::text[])
