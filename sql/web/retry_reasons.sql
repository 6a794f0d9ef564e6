-- Offer again, with the next run, whoever is refused or deferred for one of the reasons. Who opted out or bounces is left alone: only
-- the person can come back.
update crm_sync.holding set retry_at = now()
where provider = %(provider)s and reason = any (%(reasons)s::text[]) and state not in ('opted_out', 'cleaned', 'pending')
