insert into crm_sync.marker (provider, run_id) values (%(provider)s, %(run_id)s) returning token::text
