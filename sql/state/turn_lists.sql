-- Where lists have an id of the provider's own, those of another account are found by name again.
update crm_sync.list_holding set remote_id = null, name = null, reason = null, retry_at = now() where provider = %(provider)s
