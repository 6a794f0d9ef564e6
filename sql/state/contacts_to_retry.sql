select distinct unnest(contact_ids) as contact_id from crm_sync.holding
where provider = %(provider)s and retry_at <= %(now)s
