-- Offer one person again, with the next run.
update crm_sync.holding set retry_at = now()
where provider = %(provider)s and state not in ('opted_out', 'cleaned', 'pending') and reason is not null
  and (contact_id = %(contact_id)s::bigint or (cardinality(contact_ids) > 1 and contact_ids @> array[%(contact_id)s::bigint]))
